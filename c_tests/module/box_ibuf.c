/* SPDX-License-Identifier: BSD-2-Clause */
/* A buffer through the addresses of its positions (box/ibuf.h). */
#include "../main_fiber.h"
#include "box/ibuf.h"
#include "small/ibuf.h"

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(9);
	struct ibuf ibuf;
	ibuf_create(&ibuf, cord_slab_cache(), 1024);
	char *memory = (char *)box_ibuf_reserve(&ibuf, 100);
	ok(memory != NULL && memory == ibuf.wpos && ibuf_unused(&ibuf) >= 100, "reserved");
	is(box_ibuf_reserve(&ibuf, ibuf_unused(&ibuf)), memory, "what is there already");

	char **rpos, **wpos, **end;
	box_ibuf_write_range(&ibuf, &wpos, &end);
	ok(wpos == &ibuf.wpos && end == &ibuf.end, "where to write");
	memcpy(*wpos, "0123456789", 10);
	*wpos += 10;
	wpos = NULL;
	box_ibuf_read_range(&ibuf, &rpos, &wpos);
	ok(rpos == &ibuf.rpos && wpos == &ibuf.wpos, "where to read");
	*rpos += 4;
	ok(ibuf_used(&ibuf) == 6 && memcmp(ibuf.rpos, "456789", 6) == 0, "written and read");

	rpos = wpos = NULL;
	box_ibuf_read_range(&ibuf, &rpos, NULL);
	box_ibuf_write_range(&ibuf, &wpos, NULL);
	ok(rpos == &ibuf.rpos && wpos == &ibuf.wpos, "the second is optional");
	memory = (char *)box_ibuf_reserve(&ibuf, 100000);
	ok(memory == ibuf.wpos && memcmp(*rpos, "456789", 6) == 0, "the unread moves with it");

	struct ibuf before = ibuf;
	diag_clear(diag_get());
	ok(box_ibuf_reserve(&ibuf, 5000000000) == NULL &&
	   last_error_is("OutOfMemory", "Failed to allocate 705032704 bytes in ibuf_reserve for "
			 "box_ibuf_reserve"), "more than there is");
	ok(memcmp(&before, &ibuf, sizeof(ibuf)) == 0, "changes nothing");
	diag_clear(diag_get());
	ibuf_destroy(&ibuf);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}
