//! The page: each of its views, whole or as the part that the script swaps.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dashboards::{Place, View};

use super::cache::{Cache, Rendering};
use super::params::{self, Params};
use super::{App, ask, problem, view};

/// Renderings of views, whole or in part, by what the world was then: how much news, and whether
/// the store works.
pub type Pages = Cache<(View, bool), (u64, bool)>;

/// `/`
pub(super) async fn overview(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    show(&app, &params, Place::Overview, &headers).await
}

/// `/pipeline`
pub(super) async fn pipeline(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    show(&app, &params, Place::Pipeline, &headers).await
}

/// `/cost`
pub(super) async fn cost(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    show(&app, &params, Place::Cost, &headers).await
}

/// `/alarms`
pub(super) async fn alarms(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    show(&app, &params, Place::Alarms, &headers).await
}

/// `/runbooks/ALARM`
pub(super) async fn runbook(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    match params::text("runbook", Some(&name)) {
        Ok(name) => show(&app, &params, Place::Runbook(name.unwrap_or_default()), &headers).await,
        Err(error) => refuse(&error),
    }
}

/// `/decisions`
pub(super) async fn decisions(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    show(&app, &params, Place::Decisions, &headers).await
}

/// `/decision?of=POOL&at=MILLISECONDS`
pub(super) async fn decision(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    let of = params::text("of", params.of.as_deref());
    let at = params::number("at", params.at.as_deref());
    match (of, at) {
        (Ok(Some(of)), Ok(Some(at))) => {
            show(&app, &params, Place::Decision(of, at), &headers).await
        }
        (Err(error), _) | (_, Err(error)) => refuse(&error),
        _ => refuse("of and at say which decision"),
    }
}

/// `/jobs`, or with `?find=` the way to one.
pub(super) async fn jobs(
    State(app): State<Arc<App>>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    let wanted = match params::text("find", params.find.as_deref()) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return show(&app, &params, Place::Jobs, &headers).await,
        Err(error) => return refuse(&error),
    };
    let text = wanted.clone();
    let found = match ask(&app, move |app| view::find(app, &text)).await {
        Ok(found) => found,
        Err(problem) => return problem,
    };
    let view = match params.view(found.map_or(Place::Jobs, |id| Place::Job(id, None))) {
        Ok(view) => view,
        Err(error) => return refuse(&error),
    };
    if found.is_some() {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, view.address())]).into_response();
    }
    let is_part = is_part(&headers);
    let rendering = move |app: &App| render(app, view, is_part, Some(&wanted));
    match ask(&app, rendering).await {
        Ok(rendering) => answer(Rendering { is_missing: true, ..rendering }),
        Err(problem) => problem,
    }
}

/// `/jobs/ID`
pub(super) async fn job(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Response {
    let attempt = params::number("attempt", params.attempt.as_deref());
    match (id.parse(), attempt) {
        (Ok(id), Ok(attempt)) => show(&app, &params, Place::Job(id, attempt), &headers).await,
        (Err(_), _) => refuse("a job is named by its number"),
        (_, Err(error)) => refuse(&error),
    }
}

/// A view, or with `X-Headroom-Fragment: 1` its live part.
async fn show(app: &Arc<App>, params: &Params, place: Place, headers: &HeaderMap) -> Response {
    let view = match params.view(place) {
        Ok(view) => view,
        Err(error) => return refuse(&error),
    };
    let is_part = is_part(headers);
    // What is shown does not depend on who looks.
    let version = || (*app.news.borrow(), app.can_store());
    let key = view.clone();
    let question = async || ask(app, move |app| render(app, view, is_part, None)).await;
    match app.pages.get((key, is_part), version, question).await {
        Ok(rendering) => answer(rendering),
        Err(problem) => problem,
    }
}

fn is_part(headers: &HeaderMap) -> bool {
    headers.contains_key("x-headroom-fragment")
}

/// A view as HTML.
fn render(
    app: &App,
    view: View,
    is_part: bool,
    missed: Option<&str>,
) -> Result<Rendering, local::StoreError> {
    let shown = view::page(app, view, missed)?;
    let html = match is_part {
        true => dashboards::fragment(&shown.page),
        false => dashboards::page(&shown.page),
    };
    Ok(Rendering { html: html.into(), is_missing: shown.is_missing })
}

fn refuse(error: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, error, "")
}

fn answer(Rendering { html, is_missing }: Rendering) -> Response {
    let status = if is_missing { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, dashboards::CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("vary"), "x-headroom-fragment"),
    ];
    (status, headers, html).into_response()
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
