//! What a line means to the reader. The same meaning has the same colour on every board: orange is
//! always waiting, blue always running, as on the page.

/// The meaning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Jobs that wait, or how long.
    Waiting,
    /// Jobs that run, runners that are busy.
    Running,
    /// Runners that wait for a job.
    Idle,
    /// Instances on their way.
    Booting,
    /// Stopped instances.
    Stopped,
    /// What the scaler asks for.
    Desired,
    /// What may not be exceeded.
    Limit,
    /// What ended, and ended well.
    Good,
    /// Something is lost, refused or late.
    Bad,
    /// Worth a look, not more.
    Odd,
    /// The median.
    Typical,
    /// The 95th percentile.
    High,
    /// The 99th percentile or the largest.
    Extreme,
    /// Nothing in particular, or a part for each value of a dimension: the rendering chooses.
    Plain,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 14] = [
        Role::Waiting,
        Role::Running,
        Role::Idle,
        Role::Booting,
        Role::Stopped,
        Role::Desired,
        Role::Limit,
        Role::Good,
        Role::Bad,
        Role::Odd,
        Role::Typical,
        Role::High,
        Role::Extreme,
        Role::Plain,
    ];

    /// The colour as `#rrggbb`, readable on light and on dark ground; `None` where the rendering
    /// chooses.
    pub const fn colour(self) -> Option<&'static str> {
        match self {
            Role::Waiting => Some("#e8751a"),
            Role::Running => Some("#3f87d6"),
            Role::Idle => Some("#58a67c"),
            Role::Booting => Some("#8f83c4"),
            Role::Stopped => Some("#8a97a6"),
            Role::Desired => Some("#0f9d8a"),
            Role::Limit | Role::Bad => Some("#d6453d"),
            Role::Good => Some("#2e9e62"),
            Role::Odd => Some("#c9962b"),
            Role::Typical => Some("#f2b077"),
            Role::High => Some("#e07b1f"),
            Role::Extreme => Some("#a8480a"),
            Role::Plain => None,
        }
    }
}
