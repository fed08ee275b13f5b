//! `/`: the page, or the part of it that the script swaps.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use dashboards::Range;
use serde::Deserialize;

use super::cache::Cache;
use super::{App, ask, problem, view};

/// What a view shows: `/?range=24h&pool=linux`.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    range: Option<String>,
    pool: Option<String>,
}

/// One view of the page, by what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    range: &'static str,
    pool: Option<String>,
    is_fragment: bool,
}

/// Renderings of the page, by what the world was then: how much news, and whether the store works.
pub type Pages = Cache<View, (u64, bool)>;

/// The page, or with `X-Headroom-Fragment: 1` its live part.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let range = match wanted.range.as_deref() {
        None => Range::default(),
        Some(key) => match Range::parse(key) {
            Some(range) => range,
            None => {
                return problem(StatusCode::BAD_REQUEST, "range must be 1h, 24h or 7d", "");
            }
        },
    };
    let pool = wanted.pool.filter(|pool| !pool.is_empty());
    let is_fragment = headers.contains_key("x-headroom-fragment");
    let html = match render(&app, View { range: range.key(), pool, is_fragment }, range).await {
        Ok(html) => html,
        Err(problem) => return problem,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, dashboards::CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("vary"), "x-headroom-fragment"),
    ];
    (StatusCode::OK, headers, html).into_response()
}

/// What is shown does not depend on who looks.
async fn render(app: &Arc<App>, view: View, range: Range) -> Result<Bytes, Response> {
    let (pool, is_fragment) = (view.pool.clone(), view.is_fragment);
    let version = || (*app.news.borrow(), app.can_store());
    let question = async || {
        let page = move |app: &App| {
            let page = view::page(app, range, pool)?;
            Ok(match is_fragment {
                true => dashboards::fragment(&page),
                false => dashboards::page(&page),
            })
        };
        ask(app, page).await.map(Bytes::from)
    };
    app.pages.get(view, version, question).await
}

/// A stylesheet, script or icon; its address carries its fingerprint, so it may be kept for good.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some((media_type, text)) = dashboards::assets::find(&format!("/assets/{file}")) else {
        return problem(StatusCode::NOT_FOUND, "there is no such asset", "");
    };
    let mut answer = (StatusCode::OK, text).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let for_good = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, for_good);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
