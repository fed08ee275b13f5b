//! `/`: the page, or the part of it that the script swaps.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dashboards::Range;
use serde::Deserialize;

use super::{App, ask, problem, view};

/// What a view shows: `/?range=24h&pool=linux`.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    range: Option<String>,
    pool: Option<String>,
}

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
    let page = match ask(&app, move |app| view::page(app, range, pool)).await {
        Ok(page) => page,
        Err(problem) => return problem,
    };
    let html = match headers.contains_key("x-headroom-fragment") {
        true => dashboards::fragment(&page),
        false => dashboards::page(&page),
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
