//! Arguments that say where AWS is, and as whom it is asked.

use clap::Args;

/// As whom AWS is asked, and at which address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Access {
    /// A profile that `aws configure` wrote [default: `AWS_PROFILE` or `default`]
    #[arg(long, value_name = "NAME", help_heading = "AWS")]
    pub profile: Option<String>,
    /// Another address than AWS' own, such as a proxy's or an emulator's.
    #[arg(long, value_name = "URL", help_heading = "AWS")]
    pub endpoint_url: Option<String>,
}

/// Where AWS is, and as whom it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct Account {
    /// The AWS region [default: `AWS_REGION` or that of the profile]
    #[arg(long, value_name = "REGION", value_parser = region, help_heading = "AWS")]
    pub region: Option<String>,
    /// As whom.
    #[command(flatten)]
    pub access: Access,
}

impl Account {
    /// What is said here, and what is not said as `usual` says it.
    pub fn or(&self, usual: &Account) -> Account {
        let both =
            |here: &Option<String>, there: &Option<String>| here.clone().or_else(|| there.clone());
        Account {
            region: both(&self.region, &usual.region),
            access: Access {
                profile: both(&self.access.profile, &usual.access.profile),
                endpoint_url: both(&self.access.endpoint_url, &usual.access.endpoint_url),
            },
        }
    }
}

/// A region stands in addresses and searches: nothing else may slip in.
pub fn region(text: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    match text.split('-').count() >= 3 && text.split('-').all(is_word) {
        true => Ok(text.to_owned()),
        false => Err("a region was expected, such as eu-west-1".to_owned()),
    }
}
