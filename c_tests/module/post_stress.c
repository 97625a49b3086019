/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain threads post to cords that come and go. Whatever a cord accepts it runs or drops,
 * once, and in each cord the work of one thread is in the order of its posts.
 */
#include "../main_fiber.h"
#include "cordage/cord.h"
#include "cordage/post.h"

enum { POSTERS = 6, CORDS = 3, LIVES = 100, POSTS = 60000 };

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer loses sight of a thread that is cancelled in a system call. */
enum { MAY_CANCEL = false };
#else
enum { MAY_CANCEL = true };
#endif

/** A place for a cord, with one life after the other. */
struct place {
	/** Held for reading by who posts, for writing when the cord is joined. */
	pthread_rwlock_t lock;
	struct cord cord;
	bool exists;
	/** The cord's: number of the last work from each poster. */
	int last[POSTERS];
};

struct job {
	struct cordage_work work;
	struct place *place;
	int poster, number;
};

struct counts {
	int accepted, refused, run, dropped, wrong;
};

static struct place places[CORDS];
static struct counts counts;
static int finished_posters;

static void
count(int *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void
settle(struct job *job, int *counter)
{
	struct place *place = job->place;
	if (cord() != &place->cord || job->number <= place->last[job->poster])
		count(&counts.wrong);
	place->last[job->poster] = job->number;
	count(counter);
	free(job);
}

static void
job_run(struct cordage_work *work)
{
	settle((struct job *)work, &counts.run);
	if (fiber() != &cord()->sched && cord()->max_fid % 8 == 0)
		fiber_sleep(0);
}

static void
job_drop(struct cordage_work *work)
{
	settle((struct job *)work, &counts.dropped);
}

static void *
poster_f(void *arg)
{
	int poster = (int)(intptr_t)arg;
	unsigned random = poster + 1;
	for (int i = 1; i <= POSTS; i++) {
		struct place *place = &places[rand_r(&random) % CORDS];
		struct job *job = (struct job *)malloc(sizeof(*job));
		fail_if(job == NULL);
		job->work.run = job_run;
		job->work.drop = job_drop;
		job->place = place;
		job->poster = poster;
		job->number = i;
		pthread_rwlock_rdlock(&place->lock);
		int result = -1;
		if (place->exists && i % 4 == 0)
			result = cordage_post_fiber(&place->cord, &job->work);
		else if (place->exists)
			result = cordage_post(&place->cord, &job->work);
		pthread_rwlock_unlock(&place->lock);
		if (result == 0) {
			count(&counts.accepted);
		} else {
			count(&counts.refused);
			free(job);
			sched_yield();
		}
	}
	count(&finished_posters);
	return NULL;
}

static int
live_f(va_list ap)
{
	double seconds = *va_arg(ap, double *);
	fiber_sleep(seconds);
	return 0;
}

/** One life of a cord, ended in one of three ways. */
static void
live(struct place *place, int life)
{
	double seconds = 0.001 * (life % 4);
	memset(place->last, 0, sizeof(place->last));
	memset(&place->cord, 0, sizeof(place->cord));
	fail_if(cord_costart(&place->cord, "lives", live_f, &seconds) != 0);
	pthread_rwlock_wrlock(&place->lock);
	place->exists = true;
	pthread_rwlock_unlock(&place->lock);
	fiber_sleep(0.002);
	if (life % 3 == 0 && MAY_CANCEL)
		cord_cancel(&place->cord);
	/* Posts are refused from here on, or earlier. */
	while (__atomic_load_n(&place->cord.on_exit, __ATOMIC_SEQ_CST) == NULL)
		fiber_sleep(0.0005);
	pthread_rwlock_wrlock(&place->lock);
	place->exists = false;
	if (life % 3 == 1)
		fail_if(cord_join(&place->cord) != 0);
	pthread_rwlock_unlock(&place->lock);
	if (life % 3 != 1)
		fail_if(cord_cojoin(&place->cord) != 0);
}

static int
lives_f(va_list ap)
{
	struct place *place = va_arg(ap, struct place *);
	int life = 0;
	while (life < LIVES || __atomic_load_n(&finished_posters, __ATOMIC_RELAXED) < POSTERS)
		live(place, life++);
	return 0;
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	struct fiber *fibers[CORDS];
	pthread_t posters[POSTERS];
	for (int i = 0; i < CORDS; i++) {
		pthread_rwlock_init(&places[i].lock, NULL);
		fibers[i] = fiber_new("lives", lives_f);
		fiber_set_joinable(fibers[i], true);
		fiber_start(fibers[i], &places[i]);
	}
	for (intptr_t i = 0; i < POSTERS; i++)
		fail_if(pthread_create(&posters[i], NULL, poster_f, (void *)i) != 0);
	for (int i = 0; i < CORDS; i++)
		fiber_join(fibers[i]);
	for (int i = 0; i < POSTERS; i++)
		pthread_join(posters[i], NULL);
	is(counts.accepted + counts.refused, POSTERS * POSTS, "every post has a result");
	is(counts.run + counts.dropped, counts.accepted, "what is accepted is run or dropped");
	is(counts.wrong, 0, "in order, in the right cord");
	ok(counts.run > 0 && counts.refused > 0, "some of each");
	if (getenv("VERBOSE") != NULL)
		fprintf(stderr, "# run %d, dropped %d, refused %d\n", counts.run, counts.dropped,
			counts.refused);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
