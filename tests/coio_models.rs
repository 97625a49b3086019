// SPDX-License-Identifier: BSD-2-Clause
//! Cooperative I/O's parts that need no fiber, against simple models.
#![cfg(feature = "fiber")]

use cordage::coio::pool::request::EioReq;
use cordage::coio::pool::results::Results;
use cordage::coio::uri::{HostHint, Uri};
use cordage::coio::{fio, pool};
use proptest::prelude::*;
use std::ffi::{CString, c_int};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A URI in its parts, put together again.
#[derive(Debug, Clone)]
struct Parts {
    scheme: Option<String>,
    login: Option<String>,
    password: Option<String>,
    host: String,
    hint: HostHint,
    service: Option<String>,
    path: Option<String>,
    query: Option<String>,
    fragment: Option<String>,
}

impl Parts {
    fn text(&self) -> String {
        let with = |before: &str, part: &Option<String>| {
            part.as_ref()
                .map_or(String::new(), |part| format!("{before}{part}"))
        };
        let mut text = self
            .scheme
            .as_ref()
            .map_or(String::new(), |s| format!("{s}://"));
        if let Some(login) = &self.login {
            text += &format!("{login}{}@", with(":", &self.password));
        }
        text += &match self.hint {
            HostHint::Ipv6 => format!("[{}]", self.host),
            HostHint::Unix => String::from("unix/"),
            _ => self.host.clone(),
        };
        text += &with(":", &self.service);
        let colon = if self.hint == HostHint::Unix { ":" } else { "" };
        text += &with(colon, &self.path);
        text + &with("?", &self.query) + &with("#", &self.fragment)
    }
}

fn host() -> impl Strategy<Value = (String, HostHint)> {
    prop_oneof![
        "[a-z][a-z0-9.-]{0,20}".prop_map(|name| (name, HostHint::Name)),
        any::<std::net::Ipv4Addr>().prop_map(|a| (a.to_string(), HostHint::Ipv4)),
        any::<std::net::Ipv6Addr>().prop_map(|a| (a.to_string(), HostHint::Ipv6)),
        Just((String::from("unix/"), HostHint::Unix)),
    ]
}

prop_compose! {
    fn parts()(
        scheme in prop::option::of("[a-z][a-z0-9+.-]{0,8}"),
        login in prop::option::of("[A-Za-z0-9._~-]{1,8}"),
        password in prop::option::of("[A-Za-z0-9%!*]{0,8}"),
        (host, hint) in host(),
        port in prop::option::of("[a-z0-9]{1,6}"),
        socket in "[./a-z0-9@_-]{1,20}",
        path in prop::option::of("/[a-z0-9/]{0,10}"),
        query in prop::option::of("[a-z=&/:@]{0,10}"),
        fragment in prop::option::of("[a-z?/:@]{0,10}"),
    ) -> Parts {
        let is_unix = hint == HostHint::Unix;
        Parts {
            scheme,
            password: login.as_ref().and(password),
            login,
            host,
            hint,
            service: if is_unix { Some(socket) } else { port },
            path,
            query,
            fragment,
        }
    }
}

fn bytes(part: &Option<String>) -> Option<&[u8]> {
    part.as_ref().map(String::as_bytes)
}

proptest! {
    #[test]
    fn a_uri_has_the_parts_it_is_made_of(parts in parts()) {
        let text = CString::new(parts.text()).unwrap();
        let Some(uri) = Uri::parse(&text) else {
            return Err(TestCaseError::fail(format!("{text:?} is no URI")));
        };
        // SAFETY: the text is alive.
        unsafe {
            prop_assert_eq!(uri.scheme.get(), bytes(&parts.scheme));
            prop_assert_eq!(uri.login.get(), bytes(&parts.login));
            prop_assert_eq!(uri.password.get(), bytes(&parts.password));
            prop_assert_eq!(uri.host.get(), Some(parts.host.as_bytes()));
            prop_assert_eq!(uri.service.get(), bytes(&parts.service));
            prop_assert_eq!(uri.path.get(), bytes(&parts.path));
            prop_assert_eq!(uri.query.get(), bytes(&parts.query));
            prop_assert_eq!(uri.fragment.get(), bytes(&parts.fragment));
        }
        prop_assert_eq!(uri.host_hint, parts.hint as c_int);
    }

    /// Whatever the text, the parts are inside of it, or constants.
    #[test]
    fn any_text_may_be_parsed(text in "[a-z0-9:/@?#.\\[\\]*]{0,16}") {
        let text = CString::new(text).unwrap();
        if let Some(uri) = Uri::parse(&text) {
            // SAFETY: the text is alive.
            let total: usize = unsafe {
                [uri.scheme, uri.login, uri.password, uri.service, uri.path, uri.query,
                 uri.fragment].iter().filter_map(|part| part.get()).map(<[u8]>::len).sum()
            };
            prop_assert!(total <= text.as_bytes().len());
        }
    }

    /// Bytes that are taken off in two steps are those that are taken off in one.
    #[test]
    fn vectors_advance_by_bytes(
        lengths in prop::collection::vec(0usize..9, 0..8),
        first in 0usize..40,
        second in 0usize..40,
    ) {
        let total: usize = lengths.iter().sum();
        let first = first.min(total);
        let second = second.min(total - first);
        let data = vec![0u8; total];
        let mut start = 0;
        let mut vectors: Vec<libc::iovec> = lengths.iter().map(|&length| {
            let vector = libc::iovec {
                iov_base: data.as_ptr().wrapping_add(start).cast_mut().cast(),
                iov_len: length,
            };
            start += length;
            vector
        }).collect();
        let mut used = 0;
        for step in [first, second] {
            let rest = &mut vectors[used..];
            // SAFETY: the slice has the bytes.
            used += unsafe { fio::advance(rest.as_mut_ptr(), rest.len(), step) };
        }
        let left = total - first - second;
        let rest = &vectors[used..];
        prop_assert_eq!(rest.iter().map(|vector| vector.iov_len).sum::<usize>(), left);
        if let Some(next) = rest.first() {
            prop_assert!(next.iov_len > 0, "nothing is left at the front that is used up");
            let position = next.iov_base as usize - data.as_ptr() as usize;
            prop_assert_eq!(position, first + second);
        }
    }
}

/// There is one pool in the process.
fn alone() -> MutexGuard<'static, ()> {
    static POOL: Mutex<()> = Mutex::new(());
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request that notes what becomes of it.
#[repr(C)]
struct Noted {
    req: EioReq,
    executed: AtomicU32,
    finished: AtomicU32,
    destroyed: AtomicU32,
}

unsafe extern "C-unwind" fn execute(req: *mut EioReq) {
    // SAFETY: the first member of a `Noted`.
    unsafe {
        (*req.cast::<Noted>()).executed.fetch_add(1, SeqCst);
        (*req).result = 7;
    }
}

unsafe extern "C-unwind" fn finish(req: *mut EioReq) -> c_int {
    // SAFETY: as above.
    unsafe { (*req.cast::<Noted>()).finished.fetch_add(1, SeqCst) };
    0
}

unsafe extern "C-unwind" fn destroy(req: *mut EioReq) {
    // SAFETY: as above.
    unsafe { (*req.cast::<Noted>()).destroyed.fetch_add(1, SeqCst) };
}

fn noted(priority: i8) -> Box<Noted> {
    let mut req = EioReq::new(execute);
    req.pri = priority;
    req.finish = Some(finish);
    req.destroy = Some(destroy);
    Box::new(Noted {
        req,
        executed: AtomicU32::new(0),
        finished: AtomicU32::new(0),
        destroyed: AtomicU32::new(0),
    })
}

/// Polls until all are destroyed.
fn poll_all(requests: &[Box<Noted>]) {
    let end = Instant::now() + Duration::from_secs(60);
    while requests.iter().any(|r| r.destroyed.load(SeqCst) == 0) {
        assert!(Instant::now() < end, "requests are lost");
        // SAFETY: the callbacks are ours.
        unsafe { pool::poll() };
        thread::yield_now();
    }
}

#[derive(Debug, Clone)]
enum Step {
    Submit { priority: i8, cancel: bool },
    Limit(usize),
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (-5i8..6, prop::bool::weighted(0.2))
            .prop_map(|(priority, cancel)| Step::Submit { priority, cancel }),
        1 => (1usize..6).prop_map(Step::Limit),
        1 => Just(Step::Poll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the limits do meanwhile, each request is executed once, unless it was
    /// cancelled, finished once if it was executed, and destroyed once.
    #[test]
    fn each_request_has_one_life(steps in prop::collection::vec(step(), 1..60)) {
        let _alone = alone();
        assert!(Results::open(ptr::null_mut(), None, None).is_some());
        let mut requests = Vec::new();
        let mut cancelled = Vec::new();
        for step in steps {
            match step {
                Step::Submit { priority, cancel } => {
                    let mut request = noted(priority);
                    *request.req.cancelled.get_mut() = cancel.into();
                    let req = ptr::from_mut(&mut *request).cast::<EioReq>();
                    requests.push(request);
                    cancelled.push(cancel);
                    // SAFETY: it stays in its box until it is destroyed.
                    unsafe { pool::submit(req, "test") };
                }
                Step::Limit(threads) => {
                    pool::set_max_threads(threads);
                    prop_assert!(pool::threads() <= threads);
                    pool::set_min_threads(threads);
                }
                // SAFETY: the callbacks are ours.
                Step::Poll => unsafe {
                    pool::poll();
                },
            }
        }
        poll_all(&requests);
        for (request, &cancelled) in requests.iter().zip(&cancelled) {
            let expected = u32::from(!cancelled);
            prop_assert_eq!(request.executed.load(SeqCst), expected);
            prop_assert_eq!(request.finished.load(SeqCst), expected);
            prop_assert_eq!(request.destroyed.load(SeqCst), 1);
            prop_assert_eq!(request.req.result, if cancelled { -1 } else { 7 });
        }
        prop_assert_eq!((pool::unfinished(), pool::pending(), pool::queued()), (0, 0, 0));
    }
}

/// Threads that submit and end at any time: what they leave is destroyed once, by whoever has
/// it, and never finished.
#[test]
fn requests_outlive_the_thread_that_submits() {
    let _alone = alone();
    pool::set_min_threads(4);
    for round in 0..200 {
        let requests: Vec<Box<Noted>> = (0..20).map(|i| noted((i % 9) - 4)).collect();
        let pointers: Vec<usize> = requests
            .iter()
            .map(|request| ptr::from_ref(&**request) as usize)
            .collect();
        let submitter = thread::spawn(move || {
            assert!(Results::open(ptr::null_mut(), None, None).is_some());
            for request in pointers {
                // SAFETY: it stays in its box until it is destroyed.
                unsafe { pool::submit(request as *mut EioReq, "test") };
            }
            if round % 2 == 0 {
                // SAFETY: the callbacks are ours.
                unsafe { pool::poll() };
            }
        });
        submitter.join().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while requests.iter().any(|r| r.destroyed.load(SeqCst) == 0) {
            assert!(Instant::now() < end, "requests are lost");
            thread::yield_now();
        }
        for request in &requests {
            assert!(request.executed.load(SeqCst) <= 1);
            assert!(request.finished.load(SeqCst) <= request.executed.load(SeqCst));
            assert_eq!(request.destroyed.load(SeqCst), 1);
        }
    }
}
