//! Keeps what was rendered last, so that a crowd before the page costs little more than one viewer.
//!
//! One rendering of a view runs at a time and everybody who came meanwhile shares what it gives.
//! While nothing changed it is shown again for a second. When something did, the next rendering
//! waits until ten times as long has passed as the last one took, at most a second: a crowd takes a
//! tenth of one core, and nobody is shown what was true before they asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

/// What does not change is rendered again after this time: ages on the page rise by the second.
const AGE_MAX: Duration = Duration::from_secs(1);

/// Of the time since a rendering began, the rendering itself may be one part in so many.
const REST_FACTOR: u32 = 10;

/// Views kept, whole and in part: those of a crowd before the fleet, some pools and jobs. A view is one
/// or two hundred kilobytes, so all of them are some megabytes.
const VIEWS_MAX: usize = 64;

/// The last rendering of each view. `K` names a view, `V` the state of the world that it shows.
#[derive(Debug)]
pub struct Cache<K, V> {
    views: Mutex<Views<K, V>>,
}

/// What is shown: everything that an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendering {
    /// The page, or its live part.
    pub(super) html: Bytes,
    /// Whether what was asked for is not there.
    pub(super) is_missing: bool,
}

/// Each with the instant at which it was last asked for.
type Views<K, V> = BTreeMap<K, (Instant, Arc<View<V>>)>;

type View<V> = tokio::sync::Mutex<Option<Rendered<V>>>;

#[derive(Debug)]
struct Rendered<V> {
    begun_at: Instant,
    took: Duration,
    version: V,
    shown: Rendering,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Cache { views: Mutex::default() }
    }
}

impl<K: Ord + Clone, V: PartialEq> Cache<K, V> {
    /// What was rendered lately, or what `render` gives. `version` is asked just before rendering.
    ///
    /// # Errors
    /// What `render` gives; it is not kept.
    pub(super) async fn get<E>(
        &self,
        key: K,
        version: impl Fn() -> V,
        render: impl AsyncFnOnce() -> Result<Rendering, E>,
    ) -> Result<Rendering, E> {
        let view = self.view(key);
        let mut last = view.lock().await;
        if let Some(last) = last.as_ref() {
            if last.version == version() && last.begun_at.elapsed() < AGE_MAX {
                return Ok(last.shown.clone());
            }
            sleep_until(last.begun_at + (last.took * REST_FACTOR).min(AGE_MAX)).await;
        }
        let (begun_at, version) = (Instant::now(), version());
        let shown = render().await?;
        let took = begun_at.elapsed();
        *last = Some(Rendered { begun_at, took, version, shown: shown.clone() });
        Ok(shown)
    }

    /// The place of one view; the one that was asked for least lately makes room for a new one.
    fn view(&self, key: K) -> Arc<View<V>> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= VIEWS_MAX && !views.contains_key(&key) {
            let oldest = views.iter().min_by_key(|(_, (asked_at, _))| *asked_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                views.remove(&oldest);
            }
        }
        let (asked_at, view) = views.entry(key).or_insert_with(|| (Instant::now(), Arc::default()));
        *asked_at = Instant::now();
        Arc::clone(view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    /// A cache whose renderings are counted, and a world that changes when told to.
    #[derive(Default)]
    struct House {
        cache: Cache<u32, u32>,
        version: AtomicU32,
        renderings: AtomicU32,
    }

    impl House {
        /// What a viewer of `key` is shown: the number of the rendering.
        async fn shows(&self, key: u32) -> String {
            let render = async || {
                // Long enough for everybody who came at once to queue up.
                tokio::task::yield_now().await;
                let number = self.renderings.fetch_add(1, Relaxed) + 1;
                Ok::<_, Infallible>(found(number.to_string()))
            };
            let shown = self.cache.get(key, || self.version.load(Relaxed), render).await;
            String::from_utf8(shown.unwrap().html.to_vec()).unwrap()
        }

        /// What a crowd that comes at once is shown.
        async fn shows_a_crowd(&self, key: u32) -> Vec<String> {
            futures_util::future::join_all((0..500).map(|_| self.shows(key))).await
        }
    }

    fn found(html: impl Into<Bytes>) -> Rendering {
        Rendering { html: html.into(), is_missing: false }
    }

    /// Time stands still but for what is waited for.
    fn in_frozen_time<T>(story: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(story)
    }

    #[test]
    fn a_crowd_costs_one_rendering() {
        in_frozen_time(async {
            let house = House::default();
            assert!(house.shows_a_crowd(0).await.iter().all(|shown| shown == "1"));
            assert_eq!(house.shows(1).await, "2", "another view is another matter");
            tokio::time::advance(AGE_MAX).await;
            assert!(house.shows_a_crowd(0).await.iter().all(|shown| shown == "3"));
        });
    }

    #[test]
    fn nobody_is_shown_what_was_true_before_they_asked() {
        in_frozen_time(async {
            let house = House::default();
            for number in ["1", "2", "3"] {
                house.version.fetch_add(1, Relaxed);
                assert!(house.shows_a_crowd(0).await.iter().all(|shown| shown == number));
            }
        });
    }

    #[test]
    fn the_next_rendering_rests_in_proportion_to_the_last_one() {
        for (took, rest) in [(10, 100), (90, 900), (400, 1000), (3000, 3000)] {
            in_frozen_time(async {
                let cache = Cache::<(), u32>::default();
                let begun = Instant::now();
                let slow = async || {
                    tokio::time::sleep(Duration::from_millis(took)).await;
                    Ok::<_, Infallible>(found(""))
                };
                cache.get((), || 1, slow).await.unwrap();
                let quick = async || Ok::<_, Infallible>(found(""));
                cache.get((), || 2, quick).await.unwrap();
                assert_eq!(begun.elapsed(), Duration::from_millis(rest), "{took}");
            });
        }
    }

    #[test]
    fn what_is_not_there_is_not_there_for_those_who_are_shown_what_was_kept_either() {
        in_frozen_time(async {
            let cache = Cache::<(), u32>::default();
            let missing = Rendering { html: Bytes::from("no such pool"), is_missing: true };
            let render = async || Ok::<_, Infallible>(missing.clone());
            assert_eq!(cache.get((), || 1, render).await.unwrap(), missing);
            let again = async || Ok::<_, Infallible>(found("rendered anew"));
            assert_eq!(cache.get((), || 1, again).await.unwrap(), missing);
        });
    }

    #[test]
    fn a_failure_is_not_kept_and_views_are_bounded() {
        in_frozen_time(async {
            let house = House::default();
            let failed = house.cache.get(0, || 0, async || Err("no")).await;
            assert_eq!(failed.unwrap_err(), "no");
            assert_eq!(house.shows(0).await, "1");
            for key in 0..1000 {
                house.shows(key).await;
            }
            assert_eq!(house.cache.views.lock().unwrap().len(), VIEWS_MAX);
        });
    }
}
