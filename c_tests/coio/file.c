/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coio_file.h: system calls on files, in workers (spec ipc.md 9).
 */
#include "fixture.h"
#include "fio.h"

#include <dirent.h>
#include <sys/socket.h>

/** A call that fails with that errno. */
#define fails(call, code, what) do {					\
	errno = 0;							\
	ok((call) == -1 && errno == (code), "%s", what);		\
} while (0)

static void
test_descriptors(void)
{
	plan(24);
	int fd = coio_file_open("file", O_CREAT | O_RDWR | O_EXCL, 0640);
	ok(fd >= 0, "open");
	fails(coio_file_open("file", O_CREAT | O_RDWR | O_EXCL, 0640), EEXIST, "open again");
	errno = EIO;
	is(coio_write(fd, "hello", 5), 5, "write");
	is(errno, 0, "success overwrites errno, too");
	is(coio_pwrite(fd, "J", 1, 0), 1, "write somewhere");
	is(coio_pwrite(fd, "!", 1, -1), 1, "or where the descriptor is");
	char text[16] = "";
	is(coio_lseek(fd, 0, SEEK_SET), 0, "seek");
	is(coio_read(fd, text, 3), 3, "read");
	is(coio_pread(fd, text + 3, 10, -1), 3, "read where the descriptor is");
	is(strcmp(text, "Jello!"), 0, "what was written");
	is(coio_pread(fd, text, 10, 4), 2, "read somewhere: as much as there is");
	is(coio_pread(fd, text, 10, 6), 0, "read at the end: nothing");
	is(coio_lseek(fd, 0, SEEK_CUR), 6, "the descriptor is where it was");
	memset(text, 0, sizeof(text));
	ok(coio_preadn(fd, text, 6, 0) == 6 && strcmp(text, "Jello!") == 0, "read all");
	errno = EIO;
	ok(coio_preadn(fd, text, 7, 0) == -1 && errno == 0, "or fail");
	is(coio_preadn(fd, text, 0, 0), 0, "nothing is all of nothing");
	is(coio_ftruncate(fd, 2), 0, "ftruncate");
	struct stat st;
	ok(coio_fstat(fd, &st) == 0 && st.st_size == 2 && (st.st_mode & 0777) == 0640, "fstat");
	is(coio_fsync(fd), 0, "fsync");
	is(coio_fdatasync(fd), 0, "fdatasync");
	is(coio_sync(), 0, "sync");
	is(coio_file_close(fd), 0, "close");
	fails(coio_file_close(fd), EBADF, "close again");
	fails(coio_read(fd, text, 1), EBADF, "read what is closed");
	check_plan();
}

static void
test_paths(void)
{
	plan(22);
	struct stat st;
	char text[16];
	ok(coio_stat("file", &st) == 0 && st.st_size == 2, "stat");
	fails(coio_stat("nothing", &st), ENOENT, "stat of nothing");
	is(coio_truncate("file", 7), 0, "truncate");
	is(coio_chmod("file", 0600), 0, "chmod");
	is(coio_chown("file", getuid(), getgid()), 0, "chown");
	ok(coio_stat("file", &st) == 0 && st.st_size == 7 && (st.st_mode & 0777) == 0600,
	   "all of it happened");
	is(coio_link("file", "link"), 0, "link");
	is(coio_symlink("file", "symlink"), 0, "symlink");
	fails(coio_symlink("file", "symlink"), EEXIST, "symlink again");
	ok(coio_lstat("symlink", &st) == 0 && S_ISLNK(st.st_mode), "lstat");
	memset(text, '#', sizeof(text));
	ok(coio_readlink("symlink", text, sizeof(text)) == 4 &&
	   memcmp(text, "file#", 5) == 0, "readlink");
	is(coio_readlink("symlink", text, 2), 2, "as much as fits");
	fails(coio_readlink("file", text, sizeof(text)), EINVAL, "readlink of a file");
	is(coio_rename("link", "renamed"), 0, "rename");
	fails(coio_rename("link", "renamed"), ENOENT, "rename again");
	is(coio_mkdir("dir", 0700), 0, "mkdir");
	fails(coio_mkdir("dir", 0700), EEXIST, "mkdir again");
	is(coio_rmdir("dir"), 0, "rmdir");
	fails(coio_rmdir("dir"), ENOENT, "rmdir again");
	is(coio_unlink("renamed"), 0, "unlink");
	is(coio_unlink("symlink"), 0, "unlink of a link");
	fails(coio_unlink("symlink"), ENOENT, "unlink again");
	check_plan();
}

static int glob_errors;

static int
glob_error(const char *path, int code)
{
	(void)path;
	/* The test may run as root, so this needs something that nobody can read. */
	glob_errors += code == ENOTDIR || code == ENOENT || code == EACCES;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
test_directories(void)
{
	plan(13);
	fail_if(mkdir("d", 0700) != 0);
	char *text = (char *)0x1;
	is(coio_readdir("d", &text), 0, "an empty directory");
	is(strcmp(text, ""), 0, "is an empty text");
	free(text);
	enum { FILES = 300 };
	for (int i = 0; i < FILES; i++) {
		char name[32];
		snprintf(name, sizeof(name), "d/%03d", i);
		fail_if(close(creat(name, 0600)) != 0);
	}
	is(coio_readdir("d", &text), FILES, "a directory with many files");
	is(strlen(text), FILES * 4 - 1, "one line each, the last without an end");
	char *lines[FILES], *line = strtok(text, "\n");
	int count = 0;
	for (; line != NULL && count < FILES; line = strtok(NULL, "\n"))
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), compare);
	bool right = count == FILES;
	for (int i = 0; i < count; i++)
		right = right && atoi(lines[i]) == i;
	ok(right, "each of them");
	free(text);
	text = (char *)0x1;
	fails(coio_readdir("nothing", &text), ENOENT, "no directory");
	fails(coio_readdir("file", &text), ENOTDIR, "a file");
	ok(text == (char *)0x1, "then the text is not touched");

	glob_t found;
	is(coio_glob("d/00?", 0, glob_error, &found), 0, "glob");
	ok(found.gl_pathc == 10 && strcmp(found.gl_pathv[9], "d/009") == 0, "what it found");
	globfree(&found);
	is(coio_glob("d/x*", 0, glob_error, &found), GLOB_NOMATCH, "its own codes");

	char path[PATH_MAX];
	fails(coio_tempdir(path, 12), ENOMEM, "no room for the name");
	ok(coio_tempdir(path, 13) == 0 && strncmp(path, "/tmp/", 5) == 0 &&
	   strlen(path) == 11 && rmdir(path) == 0, "a directory for the time being");
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "d/%03d", i);
		fail_if(unlink(path) != 0);
	}
	fail_if(rmdir("d") != 0);
	check_plan();
}

static void
test_copy(void)
{
	plan(10);
	enum { SIZE = 100 * 1000 + 1 };
	char *data = malloc(SIZE), *copy = malloc(SIZE + 1);
	for (int i = 0; i < SIZE; i++)
		data[i] = i * 31 + i / 4096;
	int fd = creat("source", 0600);
	fail_if(write(fd, data, SIZE) != SIZE || fchmod(fd, 0751) != 0 || close(fd) != 0);
	mode_t saved = umask(022);
	is(coio_copyfile("source", "copy"), 0, "copyfile");
	umask(saved);
	struct stat st;
	ok(stat("copy", &st) == 0 && st.st_size == SIZE, "all of it");
	is(st.st_mode & 0777, 0751 & ~022, "with the permissions that the umask lets through");
	fd = open("copy", O_RDONLY);
	ok(fio_read(fd, copy, SIZE + 1) == SIZE && memcmp(copy, data, SIZE) == 0,
	   "and the same");
	close(fd);

	fail_if(truncate("source", 10) != 0);
	is(coio_copyfile("source", "copy"), 0, "over a longer one");
	ok(stat("copy", &st) == 0 && st.st_size == 10, "it gets shorter");
	fails(coio_copyfile("nothing", "copy"), ENOENT, "no source");
	ok(stat("copy", &st) == 0 && st.st_size == 10, "the destination is not touched then");
	fails(coio_copyfile("source", "nothing/copy"), ENOENT, "no directory to copy to");
	fails(coio_copyfile("source", "/dev/full"), ENOSPC, "no space to copy to");
	unlink("source");
	unlink("copy");
	free(data);
	free(copy);
	check_plan();
}

static int
read_pipe_f(va_list ap)
{
	int fd = *va_arg(ap, int *);
	char byte;
	ssize_t n = coio_read(fd, &byte, 1);
	return n == 1 && byte == 'x' && fiber_is_cancelled() ? 0 : -1;
}

static void
test_uninterruptible(void)
{
	plan(2);
	int ends[2];
	fail_if(pipe(ends) != 0);
	struct fiber *f = start("reads", read_pipe_f, &ends[0]);
	fiber_sleep(0.01);
	fiber_cancel(f);
	fiber_wakeup(f);
	fiber_sleep(0.01);
	ok(!fiber_is_dead(f), "a cancel does not end a read that blocks a worker");
	fail_if(write(ends[1], "x", 1) != 1);
	is(fiber_join(f), 0, "what it reads does");
	close(ends[0]);
	close(ends[1]);
	check_plan();
}

/** Writes in three parts, with time between them. */
static void *
write_slowly(void *arg)
{
	int fd = *(int *)arg;
	for (int i = 0; i < 3; i++) {
		usleep(2000);
		if (write(fd, "abc", 3) != 3)
			return NULL;
	}
	close(fd);
	return NULL;
}

static void
test_short_reads(void)
{
	plan(3);
	int ends[2];
	pthread_t thread;
	char text[16] = "";
	fail_if(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0);
	pthread_create(&thread, NULL, write_slowly, &ends[1]);
	is(coio_preadn(ends[0], text, 8, -1), 8, "a stream that comes in parts is read as a whole");
	is(strcmp(text, "abcabcab"), 0, "the bytes");
	fails(coio_preadn(ends[0], text, 2, -1), 0, "its end is not enough");
	pthread_join(thread, NULL);
	close(ends[0]);
	check_plan();
}

static int
test(void)
{
	plan(7);
	test_descriptors();
	test_paths();
	test_directories();
	test_copy();
	test_uninterruptible();
	test_short_reads();
	unlink("file");
	ok(diag_is_empty(diag_get()), "none of it is an error of the fiber's");
	return check_plan();
}

int
main(void)
{
	return run_coio(test);
}
