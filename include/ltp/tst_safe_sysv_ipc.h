/* SPDX-License-Identifier: BSD-2-Clause */
/* SAFE_* for System V IPC (spec ltp.md 15). */
#ifndef LTP_TST_SAFE_SYSV_IPC_H
#define LTP_TST_SAFE_SYSV_IPC_H

#include "tst_common.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

TST_BEGIN_DECLS

int safe_shmget(const char *file, const int lineno, key_t key, size_t size, int shmflg);
void *safe_shmat(const char *file, const int lineno, int shmid, const void *shmaddr,
		 int shmflg);
int safe_shmdt(const char *file, const int lineno, const void *shmaddr);
int safe_shmctl(const char *file, const int lineno, int shmid, int cmd,
		struct shmid_ds *buf);

int safe_msgget(const char *file, const int lineno, key_t key, int msgflg);
int safe_msgsnd(const char *file, const int lineno, int msqid, const void *msgp,
		size_t msgsz, int msgflg);
ssize_t safe_msgrcv(const char *file, const int lineno, int msqid, void *msgp,
		    size_t msgsz, long msgtyp, int msgflg);
int safe_msgctl(const char *file, const int lineno, int msqid, int cmd,
		struct msqid_ds *buf);

int safe_semget(const char *file, const int lineno, key_t key, int nsems, int semflg);
int safe_semop(const char *file, const int lineno, int semid, struct sembuf *sops,
	       size_t nsops);
/* The union semun of a caller as one word: SETVAL's int, or a pointer. */
int safe_semctl_(const char *file, const int lineno, int semid, int semnum, int cmd,
		 unsigned long arg);

#define SAFE_SHMGET(key, size, shmflg) \
	safe_shmget(__FILE__, __LINE__, (key), (size), (shmflg))
#define SAFE_SHMAT(shmid, shmaddr, shmflg) \
	safe_shmat(__FILE__, __LINE__, (shmid), (shmaddr), (shmflg))
#define SAFE_SHMDT(shmaddr) \
	safe_shmdt(__FILE__, __LINE__, (shmaddr))

/* After IPC_RMID the variable that held the id holds -1. */
#define SAFE_SHMCTL(shmid, cmd, buf) \
({ \
	const int tst_cmd_arg_ = (cmd); \
	const int tst_rval_ = safe_shmctl(__FILE__, __LINE__, (shmid), tst_cmd_arg_, (buf)); \
	if (tst_cmd_arg_ == IPC_RMID) \
		(shmid) = -1; \
	tst_rval_; \
})

#define SAFE_MSGGET(key, msgflg) \
	safe_msgget(__FILE__, __LINE__, (key), (msgflg))
#define SAFE_MSGSND(msqid, msgp, msgsz, msgflg) \
	safe_msgsnd(__FILE__, __LINE__, (msqid), (msgp), (msgsz), (msgflg))
#define SAFE_MSGRCV(msqid, msgp, msgsz, msgtyp, msgflg) \
	safe_msgrcv(__FILE__, __LINE__, (msqid), (msgp), (msgsz), (msgtyp), (msgflg))
#define SAFE_MSGCTL(msqid, cmd, buf) \
({ \
	const int tst_cmd_arg_ = (cmd); \
	const int tst_rval_ = safe_msgctl(__FILE__, __LINE__, (msqid), tst_cmd_arg_, (buf)); \
	if (tst_cmd_arg_ == IPC_RMID) \
		(msqid) = -1; \
	tst_rval_; \
})

#define SAFE_SEMGET(key, nsems, semflg) \
	safe_semget(__FILE__, __LINE__, (key), (nsems), (semflg))
#define SAFE_SEMOP(semid, sops, nsops) \
	safe_semop(__FILE__, __LINE__, (semid), (sops), (nsops))

/* The optional last argument is a union semun, or what it would hold. */
#define SAFE_SEMCTL(semid, semnum, cmd, ...) \
({ \
	const int tst_cmd_arg_ = (cmd); \
	const int tst_rval_ = safe_semctl_(__FILE__, __LINE__, (semid), (semnum), \
		tst_cmd_arg_, TST_SEM_ARG_(0, ##__VA_ARGS__, 0)); \
	if (tst_cmd_arg_ == IPC_RMID) \
		(semid) = -1; \
	tst_rval_; \
})
#define TST_SEM_ARG_(zero, arg, ...) \
({ \
	__typeof__(arg) tst_sem_arg_ = (arg); \
	unsigned long tst_sem_word_ = 0; \
	__builtin_memcpy(&tst_sem_word_, &tst_sem_arg_, \
		sizeof(tst_sem_arg_) < sizeof(tst_sem_word_) ? \
		sizeof(tst_sem_arg_) : sizeof(tst_sem_word_)); \
	tst_sem_word_; \
})

TST_END_DECLS

#endif
