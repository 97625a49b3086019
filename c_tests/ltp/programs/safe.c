/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SAFE_* (spec ltp.md 15, 18): what they yield when all is well, and in cleanup, where
 * a failure comes back, what they say about it.
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "tst_safe_pthread.h"
#include "tst_test.h"
#include "tst_safe_stdio.h"
#include "tst_safe_sysv_ipc.h"

static void good_files(void)
{
	char text[32] = "", long_name[300];
	int fd, other, fds[2];
	struct stat st;
	DIR *dir;
	FILE *file;
	int entries = 0;

	fd = SAFE_OPEN("file", O_CREAT | O_RDWR, 0644);
	TST_EXP_EQ_LI(SAFE_WRITE(SAFE_WRITE_ALL, fd, "hello", 5), 5);
	TST_EXP_EQ_LI(SAFE_WRITE(SAFE_WRITE_RETRY, fd, " world", 6), 6);
	TST_EXP_EQ_LI(SAFE_LSEEK(fd, 0, SEEK_SET), 0);
	TST_EXP_EQ_LI(SAFE_READ(SAFE_READ_ALL, fd, text, 11), 11);
	TST_EXP_EQ_STR(text, "hello world");
	TST_EXP_EQ_LI(SAFE_READ(SAFE_READ_ANY, fd, text, 11), 0);
	SAFE_FTRUNCATE(fd, 3);
	SAFE_FSTAT(fd, &st);
	TST_EXP_EQ_LI(st.st_size, 3);
	SAFE_FSYNC(fd);
	SAFE_FCHMOD(fd, 0600);
	SAFE_CHMOD("file", 0640);
	SAFE_POSIX_FADVISE(fd, 0, 0, POSIX_FADV_NORMAL);
	TST_EXP_EXPR(SAFE_FCNTL(fd, F_GETFL) & O_RDWR, "F_GETFL");
	other = SAFE_DUP(fd);
	TST_EXP_EQ_LI(SAFE_DUP2(fd, other), other);
	SAFE_CLOSE(other);
	SAFE_CLOSE(fd);
	TST_EXP_EQ_LI(fd, -1);

	SAFE_TRUNCATE("file", 10);
	SAFE_STAT("file", &st);
	TST_EXP_EQ_LI(st.st_size, 10);
	SAFE_SYMLINK("file", "symlink");
	SAFE_LSTAT("symlink", &st);
	TST_EXP_EXPR(S_ISLNK(st.st_mode), "a symbolic link");
	TST_EXP_EQ_LI(SAFE_READLINK("symlink", text, sizeof(text)), 4);
	TST_EXP_EQ_STR(text, "file");
	SAFE_LINK("file", "link");
	SAFE_RENAME("link", "renamed");
	SAFE_ACCESS("renamed", R_OK);
	SAFE_UNLINK("renamed");
	SAFE_MKDIR("dir", 0755);
	SAFE_CREAT("dir/a", 0644);
	SAFE_MKFIFO("dir/fifo", 0644);
	SAFE_MKNOD("dir/node", S_IFIFO | 0644, 0);
	dir = SAFE_OPENDIR("dir");
	errno = EDOM;
	while (SAFE_READDIR(dir))
		entries++;
	TST_EXP_EQ_LI(errno, EDOM);
	SAFE_CLOSEDIR(dir);
	TST_EXP_EQ_LI(entries, 5);
	SAFE_PIPE(fds);
	SAFE_WRITE(SAFE_WRITE_ANY, fds[1], "x", 1);
	SAFE_CLOSE(fds[0]);
	SAFE_CLOSE(fds[1]);
	SAFE_PIPE2(fds, O_NONBLOCK);
	TST_EXP_EQ_LI(SAFE_READ(SAFE_READ_ANY_EAGAIN, fds[0], text, 1), 0);

	file = SAFE_FOPEN("file", "w");
	fprintf(file, "text");
	SAFE_FCLOSE(file);
	file = SAFE_POPEN("cat file", "r");
	TST_EXP_EQ_STR(fgets(long_name, sizeof(long_name), file), "text");
	pclose(file);
	SAFE_CHOWN("file", getuid(), getgid());
	SAFE_CHDIR("dir");
	SAFE_CHDIR("..");
}

static void good_memory(void)
{
	char *p = SAFE_MALLOC(10);
	char *text;
	const long page = SAFE_SYSCONF(_SC_PAGESIZE);
	unsigned char residency;

	p = SAFE_REALLOC(p, 20);
	free(p);
	p = SAFE_CALLOC(2, 10);
	TST_EXP_EQ_LI(p[19], 0);
	free(p);
	SAFE_ASPRINTF(&text, "%d", 17);
	TST_EXP_EQ_STR(text, "17");
	free(text);

	p = SAFE_MMAP(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*p = 1;
	SAFE_MLOCK(p, page);
	SAFE_MINCORE(p, page, &residency);
	TST_EXP_EQ_LI(residency & 1, 1);
	SAFE_MUNLOCK(p, page);
	SAFE_MPROTECT(p, page, PROT_READ);
	SAFE_MSYNC(p, page, MS_SYNC);
	SAFE_MUNMAP(p, page);
}

static void good_processes(void)
{
	struct sigaction old, ignore = {.sa_handler = SIG_IGN};
	struct rlimit limit;
	sigset_t set;
	int status;
	pid_t pid = SAFE_FORK();

	if (!pid) {
		SAFE_SETPGID(0, 0);
		SAFE_SETGID(65534);
		SAFE_SETUID(65534);
		exit(getuid() == 65534 ? 4 : 5);
	}
	TST_EXP_EXPR(SAFE_WAITPID(pid, &status, 0) == pid, "the child");
	TST_EXP_EQ_STR(tst_strstatus(status), "exited with 4");
	if (!SAFE_FORK()) {
		SAFE_SETSID();
		SAFE_EXECLP("sh", "sh", "-c", "exit 6", NULL);
	}
	SAFE_WAIT(&status);
	TST_EXP_EQ_STR(tst_strstatus(status), "exited with 6");

	SAFE_SIGEMPTYSET(&set);
	SAFE_SIGADDSET(&set, SIGUSR1);
	SAFE_SIGDELSET(&set, SIGUSR1);
	SAFE_SIGFILLSET(&set);
	SAFE_SIGPROCMASK(SIG_BLOCK, NULL, &set);
	SAFE_SIGACTION(SIGUSR2, &ignore, &old);
	TST_EXP_EXPR(SAFE_SIGNAL(SIGUSR2, SIG_DFL) == SIG_IGN, "the handler before");
	SAFE_KILL(getpid(), 0);
	SAFE_GETRLIMIT(RLIMIT_CORE, &limit);
	SAFE_SETRLIMIT(RLIMIT_CORE, &limit);
	TST_EXP_EQ_LI(SAFE_GETPWNAM("root")->pw_uid, 0);
	TST_EXP_EQ_LI(SAFE_GETGRNAM("root")->gr_gid, 0);
	SAFE_SETENV("LTP_SAFE", "1", 1);
	TST_EXP_EQ_STR(getenv("LTP_SAFE"), "1");
	TST_EXP_EXPR(SAFE_GETPGID(0) == getpid(), "the test leads its group");
	TST_EXP_EQ_LI(SAFE_PERSONALITY(0xffffffff) >= 0, 1);
	SAFE_SETEUID(geteuid());
	SAFE_SETEGID(getegid());
	if (!SAFE_FORK()) {
		SAFE_UNSHARE(CLONE_FS);
		exit(0);
	}
}

union semun {
	int val;
	unsigned short *array;
};

static void good_ipc(void)
{
	union semun two = {.val = 2};
	struct sembuf op = {0, -1, 0};
	struct {
		long type;
		char text[8];
	} message = {1, "text"}, received;
	int id = SAFE_SHMGET(IPC_PRIVATE, 100, IPC_CREAT | 0600);
	char *p = SAFE_SHMAT(id, NULL, 0);
	struct shmid_ds info;

	*p = 1;
	SAFE_SHMCTL(id, IPC_STAT, &info);
	TST_EXP_EQ_LI(info.shm_nattch, 1);
	SAFE_SHMDT(p);
	TST_EXP_EQ_LI(SAFE_SHMCTL(id, IPC_RMID, NULL), 0);
	TST_EXP_EQ_LI(id, -1);

	id = SAFE_MSGGET(IPC_PRIVATE, 0600);
	SAFE_MSGSND(id, &message, sizeof(message.text), 0);
	TST_EXP_EQ_LI(SAFE_MSGRCV(id, &received, sizeof(received.text), 0, 0), 8);
	TST_EXP_EQ_STR(received.text, "text");
	SAFE_MSGCTL(id, IPC_RMID, NULL);

	id = SAFE_SEMGET(IPC_PRIVATE, 1, 0600);
	SAFE_SEMCTL(id, 0, SETVAL, two);
	SAFE_SEMOP(id, &op, 1);
	TST_EXP_EQ_LI(SAFE_SEMCTL(id, 0, GETVAL), 1);
	SAFE_SEMCTL(id, 0, IPC_RMID);
	TST_EXP_EQ_LI(id, -1);
}

static void *thread(void *value)
{
	return value;
}

static tst_atomic_t once;

static void count_once(void)
{
	tst_atomic_inc(&once);
}

TST_DECLARE_ONCE_FN(only_once, count_once)

static void good_threads(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t mutex;
	pthread_barrier_t barrier;
	struct timespec past = {1, 0};
	pthread_t id;
	void *value;

	SAFE_PTHREAD_CREATE(&id, NULL, thread, &mutex);
	SAFE_PTHREAD_JOIN(id, &value);
	TST_EXP_EXPR(value == &mutex, "the thread's value");
	SAFE_PTHREAD_MUTEXATTR_INIT(&attr);
	SAFE_PTHREAD_MUTEXATTR_SETTYPE(&attr, PTHREAD_MUTEX_NORMAL);
	SAFE_PTHREAD_MUTEX_INIT(&mutex, &attr);
	SAFE_PTHREAD_MUTEXATTR_DESTROY(&attr);
	SAFE_PTHREAD_MUTEX_LOCK(&mutex);
	TST_EXP_EQ_LI(SAFE_PTHREAD_MUTEX_TRYLOCK(&mutex), EBUSY);
	TST_EXP_EQ_LI(SAFE_PTHREAD_MUTEX_TIMEDLOCK(&mutex, &past), ETIMEDOUT);
	SAFE_PTHREAD_MUTEX_UNLOCK(&mutex);
	SAFE_PTHREAD_MUTEX_DESTROY(&mutex);
	SAFE_PTHREAD_BARRIER_INIT(&barrier, NULL, 1);
	TST_EXP_EQ_LI(SAFE_PTHREAD_BARRIER_WAIT(&barrier), PTHREAD_BARRIER_SERIAL_THREAD);
	SAFE_PTHREAD_BARRIER_DESTROY(&barrier);
	SAFE_PTHREAD_KILL(pthread_self(), 0);
	only_once();
	only_once();
	TST_EXP_EQ_LI(once, 1);
}

static void (*const functions[])(void) = {
	good_files, good_memory, good_processes, good_ipc, good_threads
};

static void run(unsigned int nr)
{
	functions[nr]();
}

static void old_cleanup(void)
{
}

/* NULL, without the compiler knowing. */
static void *volatile nowhere;

static void bad_files(void)
{
	char buf[16];
	int fd = 1000, ok = SAFE_OPEN("file", O_RDONLY);
	int fds[2] = {-1, -1};
	DIR *no_dir = NULL;

	SAFE_ACCESS("missing", W_OK);
	SAFE_CHDIR("missing");
	SAFE_CHMOD("missing", 0644);
	SAFE_FCHMOD(fd, 0600);
	SAFE_CHOWN("missing", -1, 0);
	SAFE_FCHOWN(fd, 1, 2);
	SAFE_CLOSE(fd);
	TST_EXP_EQ_LI(fd, -1);
	fd = 1000;
	SAFE_CREAT("missing/file", 0644);
	TST_EXP_EXPR((no_dir = SAFE_OPENDIR("missing")) == NULL, "no directory");
	SAFE_DUP(fd);
	SAFE_DUP2(fd, 7);
	SAFE_FCNTL(fd++, F_GETFD);
	SAFE_IOCTL(fd--, TIOCGWINSZ, buf);
	SAFE_FOPEN("missing", "r");
	SAFE_FSYNC(fd);
	SAFE_FTRUNCATE(fd, 17);
	SAFE_TRUNCATE("missing", 18);
	SAFE_GETCWD(NULL, 1);
	SAFE_LINK("missing", "other");
	SAFE_SYMLINK("a", "file");
	SAFE_LSEEK(fd, 3, SEEK_SET);
	SAFE_MKDIR("missing/dir", 0755);
	SAFE_RMDIR("missing");
	SAFE_MKFIFO("missing/fifo", 0644);
	SAFE_MKNOD("missing/node", S_IFIFO, 0);
	SAFE_MOUNT("source", "missing", "type", 1, NULL);
	SAFE_UMOUNT("missing");
	SAFE_OPEN("missing", O_RDWR);
	SAFE_OPEN("missing/file", O_CREAT | O_RDWR, 0640);
	SAFE_PIPE2(fds, ~0);
	SAFE_POSIX_FADVISE(fd, 1, 2, 3);
	SAFE_READ(0, fd, NULL, 3);
	SAFE_READ(1, ok, buf, 16);
	SAFE_WRITE(SAFE_WRITE_ANY, fd, NULL, 4);
	SAFE_WRITE(SAFE_WRITE_RETRY, fd, NULL, 4);
	SAFE_READLINK("missing", NULL, 4);
	SAFE_RENAME("missing", "other");
	SAFE_STAT("missing", nowhere);
	SAFE_LSTAT("missing", nowhere);
	SAFE_FSTAT(fd, nowhere);
	SAFE_STATFS("missing", nowhere);
	SAFE_UNLINK("missing");
	SAFE_CP("missing", "other");
	safe_unlink(__FILE__, __LINE__, old_cleanup, "missing");
}

static void bad_memory(void)
{
	void *odd = (void *)1;

	SAFE_MALLOC((size_t)PTRDIFF_MAX + 1);
	SAFE_REALLOC(NULL, (size_t)PTRDIFF_MAX + 1);
	SAFE_CALLOC(2, (size_t)PTRDIFF_MAX);
	SAFE_MLOCK(NULL, 4096);
	SAFE_MUNLOCK(NULL, 4096);
	SAFE_MINCORE(odd, 1, NULL);
	SAFE_MMAP(NULL, 2097152, PROT_READ | PROT_WRITE, MAP_SHARED, 1000, 0);
	SAFE_MPROTECT(odd, 5, PROT_READ | PROT_EXEC);
	SAFE_MPROTECT(odd, 5, PROT_NONE);
	SAFE_MSYNC(odd, 5, MS_SYNC);
	SAFE_MUNMAP(odd, 6);
}

static void bad_processes(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};
	char *const argv[] = {"missing", NULL};
	const char *const command[] = {"false", NULL};
	sigset_t set;

	SAFE_KILL(0x7ffffff, SIGKILL);
	SAFE_WAIT(NULL);
	SAFE_WAITPID(-1, NULL, WNOHANG);
	SAFE_SETPGID(0x7ffffff, 1);
	SAFE_GETPGID(0x7ffffff);
	SAFE_SETENV("", "value", 1);
	SAFE_GETPWNAM("no_such_user");
	SAFE_GETGRNAM("no_such_group");
	SAFE_GETRLIMIT(1000, nowhere);
	SAFE_SETRLIMIT(1000, nowhere);
	SAFE_SIGACTION(SIGKILL, &action, NULL);
	SAFE_SIGNAL(SIGKILL, SIG_IGN);
	SAFE_SIGADDSET(&set, 1000);
	SAFE_SIGDELSET(&set, 1000);
	SAFE_SIGPROCMASK(77, &set, NULL);
	SAFE_SYSCONF(-1);
	SAFE_SYSCONF(_SC_STREAM_MAX + 100000);
	SAFE_UNSHARE(~0);
	SAFE_EXECL("missing", "arg0", NULL);
	SAFE_EXECLP("missing", "arg0", NULL);
	SAFE_EXECVP("missing", argv);
	SAFE_CMD(command, NULL, NULL);
	SAFE_STRTOL("abc", 0, 1);
	SAFE_STRTOL("2", 0, 1);
	SAFE_STRTOL("99999999999999999999", 0, 1);
	SAFE_STRTOUL("abc", 0, 1);
	SAFE_STRTOUL("2", 0, 1);
	SAFE_STRTOF("abc", 0, 1);
	SAFE_STRTOF("2", 0, 1);
	SAFE_SSCANF("abc", "%p %p", (void **)&set, (void **)&set);
}

static void bad_ipc(void)
{
	int id = 0x7fffffff;

	SAFE_SHMGET(0x123, 4096, 0600);
	TST_EXP_EXPR(SAFE_SHMAT(id, NULL, 0) == (void *)-1, "(void *)-1 comes back");
	SAFE_SHMDT((void *)4096);
	SAFE_SHMCTL(id, IPC_RMID, NULL);
	TST_EXP_EQ_LI(id, -1);
	SAFE_MSGGET(0x123, 0600);
	SAFE_MSGSND(-1, NULL, 4, 0);
	SAFE_MSGRCV(-1, NULL, 4, 5, 0);
	SAFE_MSGCTL(id, IPC_STAT, NULL);
	SAFE_SEMGET(0x123, 1, 0600);
	SAFE_SEMOP(-1, NULL, 1);
	SAFE_SEMCTL(id, 2, GETVAL);
}

static void bad_threads(void)
{
	static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_mutexattr_t attr;
	pthread_barrier_t barrier;

	SAFE_PTHREAD_JOIN(pthread_self(), NULL);
	SAFE_PTHREAD_KILL(pthread_self(), 1000);
	SAFE_PTHREAD_BARRIER_INIT(&barrier, NULL, 0);
	SAFE_PTHREAD_MUTEXATTR_INIT(&attr);
	SAFE_PTHREAD_MUTEXATTR_SETTYPE(&attr, 1000);
	SAFE_PTHREAD_MUTEX_UNLOCK(&mutex);
	SAFE_PTHREAD_MUTEX_LOCK(&mutex);
	SAFE_PTHREAD_MUTEX_DESTROY(&mutex);
}

/* Failures that take some preparation. */
static void bad_ones_made_so(void)
{
	const struct tst_clone_args signal_1000 = {.exit_signal = 1000};
	struct rlimit none, files;
	int fds[2] = {-1, -1};
	sigset_t *volatile no_set = NULL;
	pthread_attr_t attr;
	pthread_t id;
	FILE *file;
	DIR *dir;

	SAFE_POPEN("true", "x");
	SAFE_CLONE(&signal_1000);
	SAFE_SETSID();
	SAFE_SETUID(-1);
	SAFE_SETGID(-1);
	SAFE_SETEUID(-1);
	SAFE_SETEGID(-1);
	SAFE_SIGEMPTYSET(no_set);
	SAFE_SIGFILLSET(no_set);

	file = SAFE_FOPEN("file", "r");
	close(fileno(file));
	SAFE_FCLOSE(file);
	dir = SAFE_OPENDIR(".");
	close(dirfd(dir));
	TST_EXP_EXPR(SAFE_READDIR(dir) == NULL, "NULL is also failure");
	SAFE_CLOSEDIR(dir);

	SAFE_GETRLIMIT(RLIMIT_NOFILE, &files);
	none = files;
	none.rlim_cur = 0;
	SAFE_SETRLIMIT(RLIMIT_NOFILE, &none);
	SAFE_PIPE(fds);
	SAFE_SETRLIMIT(RLIMIT_NOFILE, &files);

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, (size_t)1 << 46);
	SAFE_PTHREAD_CREATE(&id, &attr, thread, NULL);
	pthread_attr_destroy(&attr);
}

static void cleanup(void)
{
	bad_files();
	bad_memory();
	bad_processes();
	bad_ipc();
	bad_threads();
	bad_ones_made_so();
	tst_res(TINFO, "the end of cleanup");
}

static struct tst_test test = {
	.test = run,
	.tcnt = ARRAY_SIZE(functions),
	.cleanup = cleanup,
	.needs_tmpdir = 1,
	.forks_child = 1,
};
