# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: the implementations, the lines of the tables, and the targets.

Targets and the figures of the reference's Release build of 1.10 are those of issue 5,
measured once on another machine of this kind. In a run of ours the reference is Debian's
`tarantool` 2.6.0, the closest to 1.10 that is packaged.
"""

from dataclasses import dataclass, field

REFERENCE = "reference"
OURS = "cordage"


@dataclass(frozen=True)
class Implementation:
    key: str
    title: str
    # What must be installed.
    needs: str
    # What a reader must know to compare its figures with others.
    note: str
    # Not a competitor but another view of ours.
    variant: bool = False


IMPLEMENTATIONS = [
    Implementation(
        REFERENCE,
        "tarantool 2.6",
        "tarantool",
        "the reference; the rows are a module in it; guards by mprotect",
    ),
    Implementation(
        OURS,
        "Cordage",
        "",
        "libcordage.a, Release; the program defines `cord_on_yield`, as any program for the "
        "reference must, so every yield and call makes that (empty) call",
    ),
    Implementation(
        "cordage_nohook",
        "Cordage, no hook",
        "",
        "the same program without `cord_on_yield`, which Cordage does not need",
        variant=True,
    ),
    Implementation(
        "boost_context",
        "boost.context",
        "libboost-context-dev",
        "no scheduler; guards by mprotect, whose failure it ignores: at vm.max_map_count it "
        "stops, or goes on without guards; from the cache: without guards",
    ),
    Implementation(
        "boost_fiber",
        "boost.fiber",
        "libboost-fiber-dev",
        "guards as boost.context; condition with a mutex and a predicate",
    ),
    Implementation(
        "state_threads",
        "State Threads",
        "libst-dev",
        "no guards, never gives stacks back; a new thread starts at the next switch",
    ),
    Implementation(
        "go",
        "Go",
        "golang-go",
        "GOMAXPROCS=1; stacks of 2 KiB that grow by copying, no guards; condition with a "
        "mutex and a predicate",
    ),
    Implementation(
        "corosensei",
        "corosensei",
        "cargo",
        "no scheduler; guards by mprotect; from the cache: one stack reused by hand",
    ),
    Implementation(
        "generator",
        "generator",
        "cargo",
        "no scheduler; guards by mprotect; from the cache: one coroutine reused by hand",
    ),
    Implementation(
        "may",
        "may",
        "cargo",
        "one worker thread; guards by mprotect; channels without bounds; condition with a "
        "mutex and a predicate",
    ),
    Implementation(
        "tokio",
        "tokio",
        "cargo",
        "current-thread runtime; tasks without stacks; condition is a Notify",
    ),
]


@dataclass(frozen=True)
class Line:
    """A row of a program, with a number of fibers and a size of their stacks."""

    row: str
    n: int
    title: str
    # KiB; 0 is the default of the library, 512 for most.
    stack: int = 0
    # As a ratio to the reference in the same run.
    target: float | None = None
    # As a figure.
    target_value: float | None = None
    # The reference's Release build of 1.10, per issue 5.
    issue: float | None = None
    unit: str = "ns"

    @property
    def key(self):
        return f"{self.row} n={self.n} stack={self.stack}"


LINES = [
    Line("call_yield", 1, "switch: `fiber_call` + `fiber_yield`, one way", target=0.65, issue=6.1),
    Line("wakeup_yield", 2, "`fiber_wakeup` + `fiber_yield` ping-pong", target=0.4, issue=17.4),
    Line("reschedule", 2, "`fiber_reschedule`, 2 fibers", target=0.45, issue=11),
    Line("reschedule", 10, "`fiber_reschedule`, 10 fibers", target=0.45, issue=9.1),
    Line("reschedule", 1000, "`fiber_reschedule`, 1,000 fibers", target=0.4, issue=17),
    Line("reschedule", 30000, "`fiber_reschedule`, 30,000 fibers", target=0.35, issue=99),
    Line("reschedule", 30000, "the same, stacks of 64 KiB", 64, target=0.15),
    Line("wake_random", 30000, "30,000 woken in random order, 64 KiB", 64),
    Line("wake_random", 100000, "100,000 woken in random order, 64 KiB", 64, target_value=60),
    Line("start_end", 0, "new + start + end, from the cache", target=0.4, issue=66),
    Line("start_join", 0, "new + start + join, from the cache", target=0.4, issue=100),
    # Not 64 KiB: the reference writes below stacks that small (spec fiber.md 11.7), and
    # crashes when it frees them.
    Line("start_join_fresh", 0, "new + start + join, fresh guarded stack of 256 KiB", 256,
         target=0.25, issue=10400),
    Line("create_parked", 30000, "create a parked fiber, fresh stack", target=0.35, issue=10000),
    Line("create_parked", 30000, "the same, stacks of 64 KiB", 64, target=0.35, issue=7600),
    Line("cond", 2, "condition hand-over", target=0.4, issue=40),
    Line("channel_0", 2, "channel of size 0, message", target=0.35, issue=65),
    Line("channel_128", 2, "channel of size 128, message", target=0.5, issue=17.5),
    Line("sleep_0", 1, "`fiber_sleep(0)`, 1 fiber", target=0.8, issue=242),
    Line("sleep_0", 1000, "`fiber_sleep(0)`, 1,000 fibers", target=0.4, issue=76),
    Line("cord", 0, "`cord_start` + `cord_join`", target=0.7, issue=35100),
    Line("region", 0, "`region_alloc` of 32 bytes", target=0.9, issue=1.6),
    Line("mempool", 0, "`mempool_alloc` + `mempool_free`", target=0.9, issue=4.1),
    Line("memory", 30000, "memory of a parked fiber, 64 KiB", 64, unit="bytes",
         target_value=4400, issue=8700),
    Line("memory", 30000, "memory of a parked fiber, 512 KiB", 512, unit="bytes",
         target_value=5400, issue=13700),
]

# How cost grows with the number of fibers; all of them with stacks of 64 KiB.
GROWTH_COUNTS = [10, 1000, 100_000, 1_000_000]
GROWTH_ROWS = {
    "call_yield": "switch by call and yield, round all",
    "wakeup_yield": "`fiber_wakeup` + `fiber_yield`, round a ring",
    "reschedule": "`fiber_reschedule`",
    "wake_random": "woken in random order",
    "start_end": "new + start + end beside that many",
    "start_join": "new + start + join beside that many",
    "create_parked": "create a parked fiber",
    "cond": "condition hand-over, round a ring",
    "channel_ring": "message, round a ring of channels of size 0",
    "sleep_0": "`fiber_sleep(0)`",
    "memory": "memory of a parked fiber",
}
# Above what the hungriest implementation needs for a fiber with a stack of 64 KiB.
GROWTH_BYTES = 11_000


def growth_lines(counts):
    return [
        Line(row, n, title, 64, unit="bytes" if row == "memory" else "ns")
        for n in counts
        for row, title in GROWTH_ROWS.items()
        # The memory of a few fibers is that of whatever comes with them.
        if row != "memory" or n >= 1000
    ]


# For a quick look at whether the programs work: every row once, hardly measured.
QUICK_LINES = [
    Line(row, n, row, stack, unit="bytes" if row == "memory" else "ns")
    for row, n, stack in [
        ("call_yield", 10, 64),
        ("wakeup_yield", 10, 64),
        ("reschedule", 10, 64),
        ("wake_random", 10, 64),
        ("start_end", 10, 64),
        ("start_join", 10, 64),
        ("start_join_fresh", 0, 256),
        ("create_parked", 1000, 64),
        ("cond", 10, 64),
        ("channel_0", 2, 0),
        ("channel_128", 2, 0),
        ("channel_ring", 10, 64),
        ("sleep_0", 10, 64),
        ("cord", 0, 0),
        ("region", 0, 0),
        ("mempool", 0, 0),
        ("memory", 1000, 64),
    ]
]
