// SPDX-License-Identifier: BSD-2-Clause
//! A fork copies the calling thread and no worker (spec ipc.md 8.3). So the workers end
//! before it, with all that is queued done, and start again on demand, in the parent
//! and in the child.
//!
//! A worker that forks cannot wait for itself: it goes on as the child's only worker.

use super::{Locked, POOL, start_workers, worker};
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    /// From before the fork to after it: the child must not find the pool as somebody else
    /// was just changing it.
    static LOCKED: RefCell<Option<Locked>> = const { RefCell::new(None) };
}

/// Before the first worker starts.
pub fn prepare_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: functions that stay. Without memory for the handlers only forks
        // suffer.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

extern "C" fn before() {
    let mut state = POOL.lock();
    state.stops += 1;
    if !worker::is_one() {
        state = POOL
            .wait_for_leaving(state, |state| state.started == 0 && state.leaving == 0);
    }
    LOCKED.set(Some(state));
}

extern "C" fn in_parent() {
    if let Some(mut state) = LOCKED.take() {
        state.stops -= 1;
        start_workers(state);
    }
}

extern "C" fn in_child() {
    if let Some(mut state) = LOCKED.take() {
        let alone = usize::from(worker::is_one());
        state.started = alone;
        state.running = alone;
        state.leaving = 0;
        state.last_left = None;
        state.idle = 0;
        state.stops = 0;
    }
}
