//! One limit for all tasks: how many requests at a time, how many in a second, and when none may be sent at all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::locked::Locked as _;

/// The limit shared by everything a client does.
///
/// The number of requests at a time follows the server: halved when it says "too many", growing by one per round of
/// answers up to what was configured. A wait that the server asks of one task holds for all.
#[derive(Debug, Clone)]
pub(super) struct Limiter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Those who wait for a turn: the line that goes first, and the other one.
    lines: [Notify; 2],
    most: f64,
    spacing: Option<Duration>,
}

#[derive(Debug)]
struct State {
    allowed: f64,
    in_flight: usize,
    /// How many stand in the line that goes first.
    ahead: usize,
    paused_until: Option<Instant>,
    next_start: Option<Instant>,
    halved_at: Option<Instant>,
    /// Routes that are not to be requested now, and until when.
    shut: HashMap<String, Shut>,
}

impl State {
    fn has_room(&self) -> bool {
        (self.in_flight as f64) < self.allowed.floor()
    }
}

#[derive(Debug, Clone, Copy)]
struct Shut {
    since: Instant,
    wait: Duration,
}

/// How long a route is left alone if the server asks for a wait that is too long to keep. Servers have named waits of a day and of 300 million years
/// that passed within minutes, so it is tried again well before.
// Source: https://community.atlassian.com/forums/Confluence-questions/qaq-p/3125730
const LEFT_ALONE: Duration = Duration::from_secs(60);

/// What a look at the limit says.
enum Look {
    /// Go, but not before this moment.
    Granted(Permit, Option<Instant>),
    /// As many as allowed are under way, or others go first.
    Full,
    /// Nobody may go before this moment.
    Paused(Instant),
}

/// Which line a request waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Line {
    /// Goes before the others: further questions wait for its answer.
    First,
    #[default]
    Last,
}

impl Shared {
    /// Wakes the next in line.
    fn wake(&self, state: MutexGuard<'_, State>) {
        let [first, last] = &self.lines;
        let line = if state.ahead > 0 { first } else { last };
        drop(state);
        line.notify_one();
    }
}

/// A place in a line. One who leaves it, served or not, wakes the next where there is room: two turns given back at once
/// may both have been meant for this one.
struct Place<'a> {
    shared: &'a Shared,
    line: Line,
}

impl<'a> Place<'a> {
    fn new(shared: &'a Shared, line: Line) -> Self {
        shared.state.locked().ahead += usize::from(line == Line::First);
        Self { shared, line }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state.locked();
        state.ahead -= usize::from(self.line == Line::First);
        if state.has_room() {
            self.shared.wake(state);
        }
    }
}

/// The right to have one request under way; given back on drop.
#[derive(Debug)]
pub(super) struct Permit {
    shared: Arc<Shared>,
    /// How long it was waited for because the server limits the rate.
    pub(super) paused: Duration,
}

impl Limiter {
    pub(super) fn new(max_concurrency: usize, requests_per_second: Option<f64>) -> Self {
        let most = max_concurrency.max(1) as f64;
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    allowed: most,
                    in_flight: 0,
                    ahead: 0,
                    paused_until: None,
                    next_start: None,
                    halved_at: None,
                    shut: HashMap::new(),
                }),
                lines: Default::default(),
                most,
                spacing: requests_per_second.and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok()),
            }),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// The rest of a wait the server asked for, where it is longer than `patience`.
    pub(super) async fn acquire(&self, patience: Duration, line: Line) -> std::result::Result<Permit, Duration> {
        let mut paused = Duration::ZERO;
        let place = Place::new(&self.shared, line);
        let [first, last] = &self.shared.lines;
        loop {
            // Made before looking, so that a permit given back in between is not missed.
            let freed = if line == Line::First { first.notified() } else { last.notified() };
            match self.look(line) {
                Look::Granted(mut permit, start) => {
                    drop(place);
                    if let Some(start) = start {
                        sleep_until(start).await;
                    }
                    permit.paused = paused;
                    return Ok(permit);
                }
                Look::Full => freed.await,
                Look::Paused(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left > patience {
                        return Err(left);
                    }
                    sleep_until(until).await;
                    paused += left;
                }
            }
        }
    }

    /// Takes a turn, if one is free.
    fn look(&self, line: Line) -> Look {
        let mut state = self.shared.state.locked();
        let now = Instant::now();
        if let Some(until) = state.paused_until.filter(|until| *until > now) {
            return Look::Paused(until);
        }
        if !state.has_room() || (line == Line::Last && state.ahead > 0) {
            return Look::Full;
        }
        state.in_flight += 1;
        let start = state.next_start.map_or(now, |next| next.max(now));
        if let Some(spacing) = self.shared.spacing {
            state.next_start = Some(start + spacing);
        }
        let permit = Permit { shared: Arc::clone(&self.shared), paused: Duration::ZERO };
        Look::Granted(permit, (start > now).then_some(start))
    }

    /// The server said "too many" and asked to wait: nothing is sent for `wait`.
    pub(super) fn slow_down(&self, wait: Duration) {
        let mut state = self.shared.state.locked();
        let now = Instant::now();
        let until = now + wait;
        // One burst is answered by several 429 at once; it counts once.
        if state.halved_at.is_none_or(|at| now.duration_since(at) > Duration::from_millis(200)) {
            state.allowed = (state.allowed / 2.0).max(1.0);
            state.halved_at = Some(now);
        }
        if state.paused_until.is_none_or(|old| old < until) {
            state.paused_until = Some(until);
        }
    }

    /// The server wants `route` left alone for longer than any call can wait.
    pub(super) fn shut(&self, route: &str, wait: Duration) {
        self.shared.state.locked().shut.insert(route.to_owned(), Shut { since: Instant::now(), wait });
    }

    /// What is left of the wait for `route`, while it is left alone.
    pub(super) fn is_shut(&self, route: &str) -> Option<Duration> {
        let mut state = self.shared.state.locked();
        let Shut { since, wait } = *state.shut.get(route)?;
        let passed = since.elapsed();
        if passed >= wait.min(LEFT_ALONE) {
            state.shut.remove(route);
            return None;
        }
        Some(wait.saturating_sub(passed))
    }

    /// An answer came as it should.
    pub(super) fn went_well(&self) {
        let mut state = self.shared.state.locked();
        if state.allowed < self.shared.most {
            state.allowed = (state.allowed + state.allowed.recip()).min(self.shared.most);
            self.shared.wake(state);
        }
    }

    #[cfg(test)]
    fn allowed(&self) -> f64 {
        self.shared.state.locked().allowed
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.shared.state.locked();
        state.in_flight -= 1;
        self.shared.wake(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_than_allowed_are_under_way() {
        let limiter = Limiter::new(2, None);
        let a = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        let _b = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        let third = tokio::time::timeout(Duration::from_millis(20), limiter.acquire(Duration::MAX, Line::Last)).await;
        assert!(third.is_err());
        drop(a);
        tokio::time::timeout(Duration::from_millis(200), limiter.acquire(Duration::MAX, Line::Last))
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn a_wait_told_to_one_is_kept_by_all_and_a_long_one_is_not_waited_for() {
        let limiter = Limiter::new(4, None);
        limiter.slow_down(Duration::from_millis(60));
        let began = Instant::now();
        let _permit = limiter.acquire(Duration::from_secs(1), Line::Last).await.unwrap();
        assert!(began.elapsed() >= Duration::from_millis(60));
        limiter.slow_down(Duration::from_secs(3600));
        let left = limiter.acquire(Duration::from_secs(1), Line::Last).await.unwrap_err();
        assert!(left > Duration::from_secs(3500));
    }

    #[tokio::test]
    async fn a_route_that_is_shut_holds_up_no_other() {
        let limiter = Limiter::new(4, None);
        limiter.shut("GET /a", Duration::from_millis(40));
        limiter.shut("GET /b", Duration::from_secs(31_536_000));
        assert!(limiter.is_shut("GET /b").is_some_and(|left| left > Duration::from_secs(31_535_000)));
        assert_eq!(limiter.is_shut("GET /c"), None);
        let _permit = limiter.acquire(Duration::from_secs(1), Line::Last).await.unwrap();
        assert!(limiter.is_shut("GET /a").is_some());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(limiter.is_shut("GET /a"), None, "the wait is over");
    }

    #[tokio::test]
    async fn concurrency_halves_once_per_burst_and_grows_back() {
        let limiter = Limiter::new(8, None);
        for _ in 0..5 {
            limiter.slow_down(Duration::ZERO);
        }
        assert_eq!(limiter.allowed(), 4.0);
        for _ in 0..100 {
            limiter.went_well();
        }
        assert_eq!(limiter.allowed(), 8.0);
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_does_not_take_the_turn_of_the_next() {
        let limiter = Limiter::new(1, None);
        let held = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        let gives_up = tokio::spawn({
            let limiter = limiter.clone();
            async move {
                tokio::time::timeout(Duration::from_millis(20), limiter.acquire(Duration::MAX, Line::Last))
                    .await
                    .is_err()
            }
        });
        let waits = tokio::spawn({
            let limiter = limiter.clone();
            async move { limiter.acquire(Duration::MAX, Line::Last).await.is_ok() }
        });
        assert!(gives_up.await.unwrap());
        drop(held);
        assert!(tokio::time::timeout(Duration::from_secs(1), waits).await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn what_others_wait_for_goes_first_and_passes_on_a_turn_it_gives_up() {
        let limiter = Limiter::new(1, None);
        let held = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let wait = |name: &'static str, line: Line| {
            let (limiter, order) = (limiter.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                let _permit = limiter.acquire(Duration::MAX, line).await.unwrap();
                order.locked().push(name);
            })
        };
        let others = [wait("a", Line::Last), wait("b", Line::Last), wait("chain", Line::First)];
        let gives_up = wait("nobody", Line::First);
        tokio::time::sleep(Duration::from_millis(10)).await;
        drop(held);
        gives_up.abort();
        for other in others {
            tokio::time::timeout(Duration::from_secs(1), other).await.unwrap().unwrap();
        }
        assert_eq!(*order.locked(), ["chain", "a", "b"]);
    }

    #[tokio::test]
    async fn a_turn_that_nobody_first_in_line_takes_any_more_goes_to_the_others() {
        let limiter = Limiter::new(1, None);
        let held = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        let last = tokio::spawn({
            let limiter = limiter.clone();
            async move { limiter.acquire(Duration::MAX, Line::Last).await.is_ok() }
        });
        let mut first = Box::pin(limiter.acquire(Duration::MAX, Line::First));
        assert!(futures::poll!(first.as_mut()).is_pending());
        tokio::task::yield_now().await;
        // Woken, and gone before it looked.
        drop(held);
        drop(first);
        assert!(tokio::time::timeout(Duration::from_secs(1), last).await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn requests_per_second_spaces_the_starts() {
        let limiter = Limiter::new(10, Some(100.0));
        let began = Instant::now();
        for _ in 0..6 {
            let _permit = limiter.acquire(Duration::MAX, Line::Last).await.unwrap();
        }
        assert!(began.elapsed() >= Duration::from_millis(48), "{:?}", began.elapsed());
    }
}
