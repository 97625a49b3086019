/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything on the host that a run may change and must put back, as text: two
 * snapshots that differ are a defect. Files of /dev/shm and processes of others come and
 * go, so of these only ours are looked at: ltp_*, and programs of this directory
 * whose environment has the script's mark.
 */
#ifndef C_TESTS_LTP_HOST_H
#define C_TESTS_LTP_HOST_H

#include <ctype.h>
#include <dirent.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set by lib.sh: every process of a run inherits it, so that none can hide. */
#define HOST_MARK "LTP_SCRIPT_RUN"

/* Reading the first has effects, the second shows what was written last. */
static const char *const host_ignored[] = {"stat_refresh", "drop_caches"};

/* "name value" of each file that can be read. */
static void host_values(FILE *out, const char *pattern)
{
	glob_t found;
	size_t n, i;

	if (glob(pattern, 0, NULL, &found))
		return;
	for (n = 0; n < found.gl_pathc; n++) {
		const char *path = found.gl_pathv[n];
		char line[256] = "";
		FILE *file;

		for (i = 0; i < sizeof(host_ignored) / sizeof(*host_ignored); i++) {
			if (strstr(path, host_ignored[i]))
				break;
		}
		if (i < sizeof(host_ignored) / sizeof(*host_ignored))
			continue;
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(line, sizeof(line), file))
			fprintf(out, "%s %s\n", path, strtok(line, "\n"));
		fclose(file);
	}
	globfree(&found);
}

/* Mounts of hugetlbfs, and whatever is mounted in the script's directory. */
static void host_mounts(FILE *out, const char *work)
{
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[4096], point[2048], type[64];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %2047s %63s", point, type) == 2 &&
		    (!strcmp(type, "hugetlbfs") || !strncmp(point, work, strlen(work))))
			fprintf(out, "mount %s at %s\n", type, point);
	}
	fclose(file);
}

/* Keys and ids of System V IPC. */
static void host_ipc(FILE *out)
{
	static const char *const kinds[] = {"shm", "sem", "msg"};
	char path[64], line[1024];
	long key, id;
	size_t n;

	for (n = 0; n < sizeof(kinds) / sizeof(*kinds); n++) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/sysvipc/%s", kinds[n]);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "%ld %ld", &key, &id) == 2)
				fprintf(out, "%s key %ld id %ld\n", kinds[n], key, id);
		}
		if (file)
			fclose(file);
	}
}

static void host_directory(FILE *out, const char *dir, const char *prefix)
{
	struct dirent **entries;
	int n, i;

	n = scandir(dir, &entries, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, "..") &&
		    !strncmp(entries[i]->d_name, prefix, strlen(prefix)))
			fprintf(out, "%s/%s\n", dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* Is NAME=value among the variables of a process? */
static int host_is_marked(const char *pid, const char *value)
{
	char path[64], *variable = NULL;
	size_t room = 0;
	int found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.16s/environ", pid);
	file = fopen(path, "r");
	while (file && !found && getdelim(&variable, &room, '\0', file) > 0) {
		found = !strncmp(variable, HOST_MARK "=", sizeof(HOST_MARK)) &&
			!strcmp(variable + sizeof(HOST_MARK), value);
	}
	free(variable);
	if (file)
		fclose(file);
	return found;
}

/* Programs of our directory that belong to this run, but for the caller. */
static void host_processes(FILE *out)
{
	char self[PATH_MAX] = "", exe[PATH_MAX], path[64];
	const char *value = getenv(HOST_MARK);
	struct dirent *entry;
	const char *dir;
	DIR *proc;

	if (!value || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return;
	dir = dirname(self);
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		ssize_t length;

		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    atoi(entry->d_name) == getpid())
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/exe", entry->d_name);
		length = readlink(path, exe, sizeof(exe) - 1);
		if (length < 0)
			continue;
		exe[length] = '\0';
		if (!strncmp(exe, dir, strlen(dir)) && host_is_marked(entry->d_name, value))
			fprintf(out, "process %s\n", basename(exe));
	}
	if (proc)
		closedir(proc);
}

/* `work` is the script's directory; TMPDIR is in it. */
static void host_print(FILE *out, const char *work)
{
	const char *tmpdir = getenv("TMPDIR");

	host_values(out, "/sys/kernel/mm/hugepages/*/*");
	host_values(out, "/proc/sys/vm/*");
	host_values(out, "/proc/sys/kernel/[dms]*");
	host_mounts(out, work);
	host_ipc(out);
	host_directory(out, "/dev/shm", "ltp_");
	if (tmpdir)
		host_directory(out, tmpdir, "");
	host_processes(out);
}

#endif
