/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SAFE_*: calls that report TBROK with errno and end the test if they fail; they
 * yield the value of the call (spec ltp.md 15). In cleanup a failure is a TWARN,
 * and the call's error value comes back.
 */
#ifndef LTP_TST_SAFE_MACROS_H
#define LTP_TST_SAFE_MACROS_H

#include "tst_report.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tst_cmd.h"
#include "tst_safe_macros_inline.h"

TST_BEGIN_DECLS

/* Files and directories. */

int safe_access(const char *file, const int lineno, const char *path, int mode);
int safe_chdir(const char *file, const int lineno, void (*cleanup_fn)(void),
	       const char *path);
int safe_chmod(const char *file, const int lineno, const char *path, mode_t mode);
int safe_fchmod(const char *file, const int lineno, int fd, mode_t mode);
int safe_chown(const char *file, const int lineno, const char *path, uid_t owner,
	       gid_t group);
int safe_fchown(const char *file, const int lineno, int fd, uid_t owner, gid_t group);
int safe_close(const char *file, const int lineno, void (*cleanup_fn)(void), int fd);
int safe_creat(const char *file, const int lineno, void (*cleanup_fn)(void),
	       const char *path, mode_t mode);
DIR *safe_opendir(const char *file, const int lineno, void (*cleanup_fn)(void),
		  const char *path);
int safe_closedir(const char *file, const int lineno, void (*cleanup_fn)(void),
		  DIR *dirp);
struct dirent *safe_readdir(const char *file, const int lineno,
			    void (*cleanup_fn)(void), DIR *dirp);
int safe_dup(const char *file, const int lineno, int oldfd);
int safe_dup2(const char *file, const int lineno, int oldfd, int newfd);
int safe_fsync(const char *file, const int lineno, int fd);
char *safe_getcwd(const char *file, const int lineno, void (*cleanup_fn)(void),
		  char *buf, size_t size);
int safe_link(const char *file, const int lineno, void (*cleanup_fn)(void),
	      const char *oldpath, const char *newpath);
int safe_symlink(const char *file, const int lineno, void (*cleanup_fn)(void),
		 const char *oldpath, const char *newpath);
int safe_mkdir(const char *file, const int lineno, void (*cleanup_fn)(void),
	       const char *path, mode_t mode);
int safe_rmdir(const char *file, const int lineno, void (*cleanup_fn)(void),
	       const char *path);
int safe_mkfifo(const char *file, const int lineno, void (*cleanup_fn)(void),
		const char *path, mode_t mode);
int safe_mknod(const char *file, const int lineno, const char *path, mode_t mode,
	       dev_t dev);
int safe_open(const char *file, const int lineno, void (*cleanup_fn)(void),
	      const char *path, int oflags, ...);
int safe_pipe(const char *file, const int lineno, void (*cleanup_fn)(void),
	      int fildes[2]);
int safe_pipe2(const char *file, const int lineno, int fildes[2], int flags);
ssize_t safe_readlink(const char *file, const int lineno, void (*cleanup_fn)(void),
		      const char *path, char *buf, size_t bufsize);
int safe_rename(const char *file, const int lineno, void (*cleanup_fn)(void),
		const char *oldpath, const char *newpath);
int safe_unlink(const char *file, const int lineno, void (*cleanup_fn)(void),
		const char *path);

enum safe_read_opts {
	SAFE_READ_ANY = 0,        /* a short read will do */
	SAFE_READ_ALL = 1,        /* it is a failure */
	SAFE_READ_ANY_EAGAIN = 2  /* ... and EAGAIN is a read of 0 bytes */
};

enum safe_write_opts {
	SAFE_WRITE_ANY = 0,       /* a short write will do */
	SAFE_WRITE_ALL = 1,       /* it is a failure */
	SAFE_WRITE_RETRY = 2      /* the rest is written, too */
};

/* len_strict: enum safe_read_opts, or 0 and 1 as in 2023. */
ssize_t safe_read(const char *file, const int lineno, void (*cleanup_fn)(void),
		  int len_strict, int fd, void *buf, size_t nbyte);
ssize_t safe_write(const char *file, const int lineno, void (*cleanup_fn)(void),
		   int len_strict, int fd, const void *buf, size_t nbyte);

#define SAFE_ACCESS(path, mode) safe_access(__FILE__, __LINE__, (path), (mode))
#define SAFE_CHDIR(path) safe_chdir(__FILE__, __LINE__, NULL, (path))
#define SAFE_CHMOD(path, mode) safe_chmod(__FILE__, __LINE__, (path), (mode))
#define SAFE_FCHMOD(fd, mode) safe_fchmod(__FILE__, __LINE__, (fd), (mode))
#define SAFE_CHOWN(path, owner, group) \
	safe_chown(__FILE__, __LINE__, (path), (owner), (group))
#define SAFE_FCHOWN(fd, owner, group) \
	safe_fchown(__FILE__, __LINE__, (fd), (owner), (group))
/* The variable becomes -1. */
#define SAFE_CLOSE(fd) \
do { \
	safe_close(__FILE__, __LINE__, NULL, (fd)); \
	fd = -1; \
} while (0)
#define SAFE_CREAT(path, mode) safe_creat(__FILE__, __LINE__, NULL, (path), (mode))
#define SAFE_OPENDIR(path) safe_opendir(__FILE__, __LINE__, NULL, (path))
#define SAFE_CLOSEDIR(dirp) safe_closedir(__FILE__, __LINE__, NULL, (dirp))
/* NULL at the end. */
#define SAFE_READDIR(dirp) safe_readdir(__FILE__, __LINE__, NULL, (dirp))
#define SAFE_DUP(oldfd) safe_dup(__FILE__, __LINE__, (oldfd))
#define SAFE_DUP2(oldfd, newfd) safe_dup2(__FILE__, __LINE__, (oldfd), (newfd))
#define SAFE_FSYNC(fd) safe_fsync(__FILE__, __LINE__, (fd))
#define SAFE_GETCWD(buf, size) safe_getcwd(__FILE__, __LINE__, NULL, (buf), (size))
#define SAFE_LINK(oldpath, newpath) \
	safe_link(__FILE__, __LINE__, NULL, (oldpath), (newpath))
#define SAFE_SYMLINK(oldpath, newpath) \
	safe_symlink(__FILE__, __LINE__, NULL, (oldpath), (newpath))
#define SAFE_MKDIR(path, mode) safe_mkdir(__FILE__, __LINE__, NULL, (path), (mode))
#define SAFE_RMDIR(path) safe_rmdir(__FILE__, __LINE__, NULL, (path))
#define SAFE_MKFIFO(path, mode) safe_mkfifo(__FILE__, __LINE__, NULL, (path), (mode))
#define SAFE_MKNOD(path, mode, dev) \
	safe_mknod(__FILE__, __LINE__, (path), (mode), (dev))
#define SAFE_OPEN(path, oflags, ...) \
	safe_open(__FILE__, __LINE__, NULL, (path), (oflags), ##__VA_ARGS__)
#define SAFE_PIPE(fildes) safe_pipe(__FILE__, __LINE__, NULL, (fildes))
#define SAFE_PIPE2(fildes, flags) safe_pipe2(__FILE__, __LINE__, (fildes), (flags))
#define SAFE_READ(len_strict, fd, buf, nbyte) \
	safe_read(__FILE__, __LINE__, NULL, (len_strict), (fd), (buf), (nbyte))
#define SAFE_WRITE(len_strict, fd, buf, nbyte) \
	safe_write(__FILE__, __LINE__, NULL, (len_strict), (fd), (buf), (nbyte))
/* The text gets a NUL. */
#define SAFE_READLINK(path, buf, bufsize) \
	safe_readlink(__FILE__, __LINE__, NULL, (path), (buf), (bufsize))
#define SAFE_RENAME(oldpath, newpath) \
	safe_rename(__FILE__, __LINE__, NULL, (oldpath), (newpath))
#define SAFE_UNLINK(path) safe_unlink(__FILE__, __LINE__, NULL, (path))

#define SAFE_FCNTL(fd, cmd, ...) \
({ \
	const int tst_fd_ = (fd); \
	int tst_rval_ = fcntl(tst_fd_, cmd, ##__VA_ARGS__); \
	if (tst_rval_ == -1) \
		tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, \
			 "fcntl(%i,%s,...) failed", tst_fd_, #cmd); \
	tst_rval_; \
})

#define SAFE_IOCTL(fd, request, ...) \
({ \
	const int tst_fd_ = (fd); \
	int tst_rval_ = ioctl(tst_fd_, request, ##__VA_ARGS__); \
	if (tst_rval_ < 0) \
		tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, \
			 "ioctl(%i,%s,...) failed", tst_fd_, #request); \
	tst_rval_; \
})

/* Mounts. */

int safe_mount(const char *file, const int lineno, void (*cleanup_fn)(void),
	       const char *source, const char *target, const char *fstype,
	       unsigned long mountflags, const void *data);
int safe_umount(const char *file, const int lineno, void (*cleanup_fn)(void),
		const char *target);

#define SAFE_MOUNT(source, target, fstype, mountflags, data) \
	safe_mount(__FILE__, __LINE__, NULL, (source), (target), (fstype), \
		   (mountflags), (data))
/* The last two arguments are about FUSE drivers, of which this harness knows nothing. */
#define SAFE_MOUNT2(source, target, fstype, mountflags, data, is_fuse) \
({ \
	int *tst_fuse_ = (is_fuse); \
	if (tst_fuse_) \
		*tst_fuse_ = 0; \
	SAFE_MOUNT(source, target, fstype, mountflags, data); \
})
#define SAFE_UMOUNT(target) safe_umount(__FILE__, __LINE__, NULL, (target))

/* Memory. */

void *safe_malloc(const char *file, const int lineno, void (*cleanup_fn)(void),
		  size_t size);
void *safe_calloc(const char *file, const int lineno, void (*cleanup_fn)(void),
		  size_t nmemb, size_t size);
void *safe_realloc(const char *file, const int lineno, void *ptr, size_t size);
int safe_mlock(const char *file, const int lineno, const void *addr, size_t len);
int safe_munlock(const char *file, const int lineno, const void *addr, size_t len);
int safe_mincore(const char *file, const int lineno, void *start, size_t length,
		 unsigned char *vec);
int safe_munmap(const char *file, const int lineno, void (*cleanup_fn)(void),
		void *addr, size_t length);
int safe_msync(const char *file, const int lineno, void *addr, size_t length, int flags);
int safe_mprotect(const char *file, const int lineno, void *addr, size_t length,
		  int prot);

#define SAFE_MALLOC(size) safe_malloc(__FILE__, __LINE__, NULL, (size))
#define SAFE_CALLOC(nmemb, size) \
	safe_calloc(__FILE__, __LINE__, NULL, (nmemb), (size))
#define SAFE_REALLOC(ptr, size) safe_realloc(__FILE__, __LINE__, (ptr), (size))
#define SAFE_MLOCK(addr, len) safe_mlock(__FILE__, __LINE__, (addr), (len))
#define SAFE_MUNLOCK(addr, len) safe_munlock(__FILE__, __LINE__, (addr), (len))
#define SAFE_MINCORE(start, length, vec) \
	safe_mincore(__FILE__, __LINE__, (start), (length), (vec))
#define SAFE_MUNMAP(addr, length) \
	safe_munmap(__FILE__, __LINE__, NULL, (addr), (length))
#define SAFE_MSYNC(addr, length, flags) \
	safe_msync(__FILE__, __LINE__, (addr), (length), (flags))
#define SAFE_MPROTECT(addr, length, prot) \
	safe_mprotect(__FILE__, __LINE__, (addr), (length), (prot))

/* Processes and users. */

pid_t safe_fork(const char *filename, unsigned int lineno);
int safe_kill(const char *file, const int lineno, void (*cleanup_fn)(void), pid_t pid,
	      int sig);
pid_t safe_wait(const char *file, const int lineno, void (*cleanup_fn)(void),
		int *status);
pid_t safe_waitpid(const char *file, const int lineno, void (*cleanup_fn)(void),
		   pid_t pid, int *status, int opts);
int safe_setuid(const char *file, const int lineno, void (*cleanup_fn)(void), uid_t uid);
int safe_setgid(const char *file, const int lineno, void (*cleanup_fn)(void), gid_t gid);
int safe_seteuid(const char *file, const int lineno, void (*cleanup_fn)(void),
		 uid_t euid);
int safe_setegid(const char *file, const int lineno, void (*cleanup_fn)(void),
		 gid_t egid);
int safe_setpgid(const char *file, const int lineno, pid_t pid, pid_t pgid);
pid_t safe_getpgid(const char *file, const int lineno, pid_t pid);
pid_t safe_setsid(const char *file, const int lineno);
int safe_setenv(const char *file, const int lineno, const char *name,
		const char *value, int overwrite);
struct passwd *safe_getpwnam(const char *file, const int lineno,
			     void (*cleanup_fn)(void), const char *name);
struct group *safe_getgrnam(const char *file, const int lineno,
			    void (*cleanup_fn)(void), const char *name);
long safe_sysconf(const char *file, const int lineno, int name);
int safe_unshare(const char *file, const int lineno, int flags);
int safe_personality(const char *file, const int lineno, unsigned long persona);

/* For tests with .forks_child; stdio is flushed before. */
#define SAFE_FORK() safe_fork(__FILE__, __LINE__)
#define SAFE_KILL(pid, sig) safe_kill(__FILE__, __LINE__, NULL, (pid), (sig))
/* A signal does not interrupt these two. */
#define SAFE_WAIT(status) safe_wait(__FILE__, __LINE__, NULL, (status))
#define SAFE_WAITPID(pid, status, opts) \
	safe_waitpid(__FILE__, __LINE__, NULL, (pid), (status), (opts))
#define SAFE_SETUID(uid) safe_setuid(__FILE__, __LINE__, NULL, (uid))
#define SAFE_SETGID(gid) safe_setgid(__FILE__, __LINE__, NULL, (gid))
#define SAFE_SETEUID(euid) safe_seteuid(__FILE__, __LINE__, NULL, (euid))
#define SAFE_SETEGID(egid) safe_setegid(__FILE__, __LINE__, NULL, (egid))
#define SAFE_SETPGID(pid, pgid) safe_setpgid(__FILE__, __LINE__, (pid), (pgid))
#define SAFE_GETPGID(pid) safe_getpgid(__FILE__, __LINE__, (pid))
#define SAFE_SETSID() safe_setsid(__FILE__, __LINE__)
#define SAFE_SETENV(name, value, overwrite) \
	safe_setenv(__FILE__, __LINE__, (name), (value), (overwrite))
#define SAFE_GETPWNAM(name) safe_getpwnam(__FILE__, __LINE__, NULL, (name))
#define SAFE_GETGRNAM(name) safe_getgrnam(__FILE__, __LINE__, NULL, (name))
/* -1 without errno is a TINFO. */
#define SAFE_SYSCONF(name) safe_sysconf(__FILE__, __LINE__, (name))
/* TCONF if the kernel does not know a flag. */
#define SAFE_UNSHARE(flags) safe_unshare(__FILE__, __LINE__, (flags))
#define SAFE_PERSONALITY(persona) safe_personality(__FILE__, __LINE__, (persona))

/* These come back only if they fail. */
#define SAFE_EXECL(file, arg, ...) \
do { \
	execl((file), (arg), ##__VA_ARGS__); \
	tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, \
		 "execl(%s, %s, ...) failed", (file), (arg)); \
} while (0)
#define SAFE_EXECLP(file, arg, ...) \
do { \
	execlp((file), (arg), ##__VA_ARGS__); \
	tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, \
		 "execlp(%s, %s, ...) failed", (file), (arg)); \
} while (0)
#define SAFE_EXECVP(file, argv) \
do { \
	execvp((file), (argv)); \
	tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, \
		 "execvp(%s, %p) failed", (file), (void *)(argv)); \
} while (0)

/* Signals. */

int safe_sigaction(const char *file, const int lineno, int signum,
		   const struct sigaction *act, struct sigaction *oldact);
void (*safe_signal(const char *file, const int lineno, int signum,
		   void (*handler)(int)))(int);
int safe_sigemptyset(const char *file, const int lineno, sigset_t *sigs);
int safe_sigfillset(const char *file, const int lineno, sigset_t *sigs);
int safe_sigaddset(const char *file, const int lineno, sigset_t *sigs, int signo);
int safe_sigdelset(const char *file, const int lineno, sigset_t *sigs, int signo);
int safe_sigprocmask(const char *file, const int lineno, int how, const sigset_t *set,
		     sigset_t *oldset);

#define SAFE_SIGACTION(signum, act, oldact) \
	safe_sigaction(__FILE__, __LINE__, (signum), (act), (oldact))
#define SAFE_SIGNAL(signum, handler) \
	safe_signal(__FILE__, __LINE__, (signum), (handler))
#define SAFE_SIGEMPTYSET(sigs) safe_sigemptyset(__FILE__, __LINE__, (sigs))
#define SAFE_SIGFILLSET(sigs) safe_sigfillset(__FILE__, __LINE__, (sigs))
#define SAFE_SIGADDSET(sigs, signo) safe_sigaddset(__FILE__, __LINE__, (sigs), (signo))
#define SAFE_SIGDELSET(sigs, signo) safe_sigdelset(__FILE__, __LINE__, (sigs), (signo))
#define SAFE_SIGPROCMASK(how, set, oldset) \
	safe_sigprocmask(__FILE__, __LINE__, (how), (set), (oldset))

/* Numbers, base 10; one newline may follow. */

long safe_strtol(const char *file, const int lineno, void (*cleanup_fn)(void),
		 const char *str, long min, long max);
unsigned long safe_strtoul(const char *file, const int lineno,
			   void (*cleanup_fn)(void), const char *str,
			   unsigned long min, unsigned long max);
float safe_strtof(const char *file, const int lineno, void (*cleanup_fn)(void),
		  const char *str, float min, float max);

#define SAFE_STRTOL(str, min, max) \
	safe_strtol(__FILE__, __LINE__, NULL, (str), (min), (max))
#define SAFE_STRTOUL(str, min, max) \
	safe_strtoul(__FILE__, __LINE__, NULL, (str), (min), (max))
#define SAFE_STRTOF(str, min, max) \
	safe_strtof(__FILE__, __LINE__, NULL, (str), (min), (max))

/* sscanf() that must yield all conversions of the format. */
int safe_sscanf(const char *file, const int lineno, const char *buffer,
		const char *format, ...) __attribute__((format(scanf, 4, 5)));

#define SAFE_SSCANF(buffer, format, ...) \
	safe_sscanf(__FILE__, __LINE__, (buffer), (format), ##__VA_ARGS__)

TST_END_DECLS

#endif
