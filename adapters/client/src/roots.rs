//! Which authorities are trusted to say who a server is.

use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

/// Authorities whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Mozilla's list, as it was when this was built: it needs no files, also in an empty container.
    #[default]
    Bundled,
    /// Those of a file, such as a company's own.
    Own(Vec<Certificate<'static>>),
}

/// A file of authorities that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It cannot be read.
    #[error("cannot read the authorities in {path}", path = path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds none, or something unreadable.
    #[error("{path} holds no certificate in PEM form", path = path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
}

impl Roots {
    /// The certificates in a PEM file, instead of the bundled ones.
    ///
    /// # Errors
    /// When it cannot be read or holds none.
    pub fn in_file(path: &Path) -> Result<Self, RootsError> {
        let bytes = std::fs::read(path)
            .map_err(|source| RootsError::Read { path: path.to_owned(), source })?;
        let certificate = |item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate.to_owned()),
            _ => None,
        };
        let found: Vec<_> = parse_pem(&bytes).filter_map(certificate).collect();
        match found.is_empty() {
            true => Err(RootsError::Empty { path: path.to_owned() }),
            false => Ok(Roots::Own(found)),
        }
    }

    pub(crate) fn certificates(&self) -> RootCerts {
        match self {
            Roots::Bundled => RootCerts::WebPki,
            Roots::Own(certificates) => RootCerts::new_with_certs(certificates),
        }
    }
}
