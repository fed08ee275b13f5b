//! What CloudWatch says of a dashboard reaches whoever puts it there.

use aws::Dashboards;
use serde_json::json;

use crate::world::{World, done, refused};

#[test]
fn a_dashboard_that_is_not_there_is_none() {
    let world = World::answers([
        refused("ResourceNotFound", "Dashboard headroom-fleet does not exist"),
        done(json!({ "DashboardName": "headroom-fleet", "DashboardBody": "{}" })),
    ]);
    let dashboards = Dashboards::of(&world.aws);
    assert_eq!(dashboards.body("headroom-fleet"), Ok(None));
    assert_eq!(dashboards.body("headroom-fleet"), Ok(Some("{}".to_owned())));
}

#[test]
fn remarks_on_a_dashboard_that_was_taken_are_told_with_their_place() {
    let remark = json!({ "DataPath": "/widgets/0", "Message": "should have a region" });
    let world =
        World::of(move |_| done(json!({ "DashboardValidationMessages": [remark.clone()] })));
    let remarks = Dashboards::of(&world.aws).put("headroom-fleet", "{\"widgets\":[]}").unwrap();
    assert_eq!(remarks, ["/widgets/0: should have a region"]);
    assert_eq!(world.calls()[0].body["DashboardBody"], "{\"widgets\":[]}");
}

#[test]
fn what_is_wrong_with_a_dashboard_is_part_of_the_refusal() {
    let world = World::of(|_| refused("InvalidParameterInput", "The dashboard body is invalid"));
    let error = Dashboards::of(&world.aws).put("headroom-fleet", "{}").unwrap_err().to_string();
    assert!(
        error.starts_with("cloudwatch:PutDashboard: ") && error.contains("is invalid"),
        "{error}"
    );
}
