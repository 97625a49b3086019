// SPDX-License-Identifier: BSD-2-Clause
//! The exported functions against the headers: what cbindgen makes of the Rust signatures
//! is compiled behind the headers' own declarations, so that any difference is a
//! "conflicting types" error of the C compiler.

mod declarations;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HEADERS: [&str; 42] = [
    "memory.h",
    "module.h",
    "fiber.h",
    "cbus.h",
    "fiber_pool.h",
    "rmean.h",
    "histogram.h",
    "latency.h",
    "fiber_cond.h",
    "fiber_channel.h",
    "latch.h",
    "coio.h",
    "cord_buf.h",
    "coio_file.h",
    "coio_task.h",
    "eio.h",
    "fio.h",
    "sio.h",
    "uri.h",
    // What the shims call, in src/shim.
    "fiber/from_rust.h",
    "coro/coro.h",
    "diag.h",
    "exception.h",
    "reflection.h",
    "trigger.h",
    "errinj.h",
    "say.h",
    "clock.h",
    "random.h",
    "unit.h",
    "box/error.h",
    "cordage/arena.h",
    "cordage/guard.h",
    "cordage/limits.h",
    "trivia/util.h",
    "small/quota_lessor.h",
    "small/small.h",
    "small/small_features.h",
    "small/ibuf.h",
    "small/obuf.h",
    "small/static.h",
    "small/lf_lifo.h",
];

/// The types as the headers spell them.
const TYPES: &str = "
typedef struct cbus_call_msg CbusCallMsg;
typedef struct cbus_endpoint CbusEndpoint;
typedef struct cmsg Cmsg;
typedef struct addrinfo addrinfo;
typedef struct coio_task CoioTask;
typedef struct cord Cord;
typedef struct coro_context Context;
typedef struct coro_stack CoroStack;
typedef struct cpipe Cpipe;
typedef struct cordage_arena_stats ArenaStats;
typedef struct cordage_quarantine Report;
typedef struct diag Diag;
typedef struct eio_req EioReq;
typedef struct errinj Errinj;
typedef struct error Error;
typedef struct evio_service EvioService;
typedef struct fiber Fiber;
typedef struct fiber_attr FiberAttr;
typedef struct fiber_channel FiberChannel;
typedef struct fiber_cond FiberCond;
typedef struct fiber_pool FiberPool;
typedef struct histogram Histogram;
typedef struct fio_batch FioBatch;
typedef struct ibuf Ibuf;
typedef struct iovec iovec;
typedef struct ipc_msg IpcMsg;
typedef struct ipc_value IpcValue;
typedef struct latency Latency;
typedef struct log Log;
typedef struct mempool Mempool;
typedef struct mempool_iterator MempoolIterator;
typedef struct mempool_stats MempoolStats;
typedef struct mslab Mslab;
typedef struct obuf Obuf;
typedef struct obuf_svp ObufSvp;
typedef struct quota Quota;
typedef struct region Region;
typedef struct rmean Rmean;
typedef struct say_syslog_opts SyslogOptions;
typedef struct slab Slab;
typedef struct slab_arena SlabArena;
typedef struct slab_cache SlabCache;
typedef struct small_alloc SmallAlloc;
typedef struct small_class SmallClass;
typedef struct small_stats SmallStats;
typedef struct sockaddr sockaddr;
typedef struct stat Status;
typedef struct trigger Trigger;
typedef struct type_info TypeInfo;
typedef struct cordage_work Work;
typedef struct uri Uri;
typedef struct ev_signal EvSignal;
typedef cbus_call_f CallFunc;
typedef coro_func Entry;
typedef coio_call_cb CoioCall;
typedef coio_task_cb TaskFunc;
typedef eio_cb Finish;
typedef error_f Operation;
typedef errinj_cb Callback;
typedef fiber_func FiberFunc;
typedef fiber_stat_cb StatCallback;
typedef rmean_cb Visit;
typedef void (*PairCallback)(void *);
typedef void (*FetchCallback)(ev_loop *, struct ev_watcher *, int);
typedef void (*Process)(struct cbus_endpoint *);
typedef va_list VaArgs;
typedef int (*Invoke)(fiber_func, va_list);
typedef log_format_func_t Formatter;
typedef mempool_stats_cb StatsCallback;
typedef int (*GlobError)(const char *, int);
typedef int (*ThreadHook)(void *);
typedef void (*PollHook)(void *);
typedef void (*Step)(eio_req *);
typedef void *(*ThreadFunc)(void *);
/* What a va_list becomes as a parameter. */
typedef __typeof__(((va_list *)NULL)[0][0]) VaListTag;
";

/// Exported, as by the reference's objects, but declared in no header; and helpers of
/// the shims, which are not exported.
const UNDECLARED: [&str; 12] = [
    "break_ev_loop_f",
    "cord_thread_func",
    "cordage_fiber_name",
    "cordage_log_vsay",
    "cordage_vok",
    "cordage_vsay",
    "fiber_channel_check_wait",
    "fiber_channel_has_waiter",
    "fiber_delete_all",
    "mempool_iterator_create",
    "mempool_iterator_next",
    "mslab_alloc",
];

#[test]
fn exports_match_the_headers() {
    let mut headers = String::from("#define _GNU_SOURCE\n");
    for header in HEADERS {
        writeln!(headers, "#include \"{header}\"").unwrap();
    }
    headers.push_str(TYPES);
    let capi = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/capi");
    let all: Vec<String> = sources(&capi)
        .iter()
        .flat_map(|source| declarations::of(source))
        .collect();
    assert!(
        all.len() > 150,
        "cbindgen found only {} functions",
        all.len()
    );
    let undeclared =
        declarations::compile("prototypes.c", &["include", "src/shim"], &headers, &all);
    assert_eq!(undeclared, BTreeSet::from(UNDECLARED));
}

/// The pool's tree is in no header.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in directory.read_dir().expect("a readable directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("ltp") {
            files.append(&mut sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs")
            && !["mod.rs", "mslab_tree.rs"]
                .iter()
                .any(|name| path.ends_with(name))
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
