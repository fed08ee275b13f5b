//! Names of parameters and of runners: both hold the id of an instance.

use model::InstanceId;

/// Where instances look for what they are to run.
pub(super) const PLACE: &str = "/headroom/runners";

/// The parameter that an instance takes its configuration from.
pub(super) fn config_of(id: &InstanceId) -> String {
    format!("{PLACE}/{id}/config")
}

/// The parameter that an instance deletes when it is prepared for the warm pool.
pub(super) fn warming_of(id: &InstanceId) -> String {
    format!("{PLACE}/{id}/warming")
}

/// The instance that a parameter is for.
pub(super) fn instance_of(name: &str) -> Option<InstanceId> {
    let (id, _) = name.strip_prefix(PLACE)?.strip_prefix('/')?.split_once('/')?;
    is_instance(id).then(|| InstanceId(id.to_owned()))
}

/// The instance whose preparation for the warm pool is told by the end of that parameter.
pub(crate) fn prepared(name: &str) -> Option<InstanceId> {
    instance_of(name).filter(|id| warming_of(id) == name)
}

/// Whether a name is the id of an instance.
pub(super) fn is_instance(name: &str) -> bool {
    let digits = name.strip_prefix("i-").unwrap_or_default();
    (8..=17).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_warming_tells_that_an_instance_is_prepared() {
        let id = InstanceId("i-0123456789abcdef0".into());
        assert_eq!(prepared(&warming_of(&id)), Some(id.clone()));
        for other in [config_of(&id), "/headroom/runners/i-1/warming".into(), "/x".into()] {
            assert_eq!(prepared(&other), None, "{other}");
        }
        assert_eq!(instance_of(&config_of(&id)), Some(id));
    }
}
