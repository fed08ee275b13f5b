//! Names as small numbers, so that a fact is a few words long and a table is an array.

use std::collections::BTreeMap;

/// The number of a name in its [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(u32);

impl Name {
    /// Of what nobody told.
    pub const UNKNOWN: Name = Name(0);
    /// Of all names beyond the limit.
    pub const OTHER: Name = Name(1);

    /// The name of an index.
    pub(super) fn at(index: usize) -> Name {
        Name(u32::try_from(index).unwrap_or(Name::OTHER.0))
    }

    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Distinct repositories, workflows or runner groups; later ones share [`Name::OTHER`]. As many as
/// a large organisation has, and a few megabytes.
pub const NAMES_MAX: usize = 20_000;

/// Distinct pools, as many as the router makes of label sets; later ones share [`Name::OTHER`].
pub const POOLS_MAX: usize = 100;

/// The names of one kind, in the order in which they were first seen.
#[derive(Debug)]
pub struct Names {
    numbers: BTreeMap<String, Name>,
    names: Vec<String>,
    max: usize,
    last: (String, Name),
}

impl Names {
    /// At most so many.
    pub fn new(max: usize) -> Self {
        let names = vec!["(unknown)".to_owned(), "(other)".to_owned()];
        Names { numbers: BTreeMap::new(), names, max, last: (String::new(), Name::UNKNOWN) }
    }

    /// The number of a name; of an empty one [`Name::UNKNOWN`].
    pub fn number(&mut self, name: &str) -> Name {
        if name.is_empty() {
            return Name::UNKNOWN;
        }
        // Neighbours are mostly of the same repository.
        if self.last.0 == name {
            return self.last.1;
        }
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None if self.numbers.len() >= self.max => return Name::OTHER,
            None => {
                let number = Name(u32::try_from(self.names.len()).unwrap_or(Name::OTHER.0));
                self.names.push(name.to_owned());
                self.numbers.insert(name.to_owned(), number);
                number
            }
        };
        name.clone_into(&mut self.last.0);
        self.last.1 = number;
        number
    }

    /// The name of that number.
    pub fn name(&self, number: Name) -> &str {
        self.names.get(number.index()).map_or("(unknown)", String::as_str)
    }

    /// Whether there were more names than are told apart.
    pub fn is_full(&self) -> bool {
        self.numbers.len() >= self.max
    }
}

/// The names of all that jobs are told apart by.
#[derive(Debug)]
pub struct Vocabulary {
    /// Pools.
    pub pools: Names,
    /// Repositories.
    pub repositories: Names,
    /// Workflows, as `repository: workflow`.
    pub workflows: Names,
    /// Runner groups.
    pub runner_groups: Names,
    scratch: String,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Vocabulary {
            pools: Names::new(POOLS_MAX),
            repositories: Names::new(NAMES_MAX),
            workflows: Names::new(NAMES_MAX),
            runner_groups: Names::new(NAMES_MAX),
            scratch: String::new(),
        }
    }
}

impl Vocabulary {
    /// The number of a workflow of a repository; workflows of two repositories are two.
    pub fn workflow(&mut self, repository: &str, workflow: Option<&str>) -> Name {
        let Some(workflow) = workflow else { return Name::UNKNOWN };
        self.scratch.clear();
        self.scratch.push_str(repository);
        self.scratch.push_str(": ");
        self.scratch.push_str(workflow);
        self.workflows.number(&self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_and_those_beyond_the_limit_share_one() {
        let mut names = Names::new(2);
        let numbers = ["a", "b", "a", "c", "", "d", "b"].map(|name| names.number(name));
        let [a, b, again, c, empty, d, last] = numbers;
        assert_eq!((a, b), (again, last));
        assert_eq!((c, d, empty), (Name::OTHER, Name::OTHER, Name::UNKNOWN));
        assert_eq!((names.name(a), names.name(b), names.name(c)), ("a", "b", "(other)"));
        assert!(names.is_full());
    }

    #[test]
    fn workflows_of_two_repositories_are_two() {
        let mut words = Vocabulary::default();
        let [one, two] = ["octo/cat", "octo/dog"].map(|repo| words.workflow(repo, Some("build")));
        assert_ne!(one, two);
        assert_eq!(words.workflows.name(one), "octo/cat: build");
        assert_eq!(words.workflow("octo/cat", None), Name::UNKNOWN);
    }
}
