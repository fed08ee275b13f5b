//! Where data go that a command writes: stdout, or a file that is whole or not there.

use std::fs::Permissions;
use std::io::{self, BufWriter, Stdout, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// stdout, or a file that appears once it is whole.
pub enum Out {
    /// As it comes.
    Stdout(BufWriter<Stdout>),
    /// A draft beside the place where it is to be.
    File {
        /// That place.
        path: PathBuf,
        /// What was written.
        draft: BufWriter<NamedTempFile>,
    },
}

impl Out {
    /// For a file, or for stdout where the path is `-`.
    ///
    /// # Errors
    /// When there can be no file.
    pub fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Out::Stdout(BufWriter::new(io::stdout())));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A draft is for its owner alone by default; what it becomes is for whom the umask says.
        let draft = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Out::File { path: path.to_owned(), draft: BufWriter::new(draft) })
    }

    /// Writes more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Out::Stdout(out) => out.write_all(bytes),
            Out::File { draft, .. } => draft.write_all(bytes),
        }
    }

    /// Makes the file appear; without this it never does.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn close(self) -> io::Result<()> {
        match self {
            Out::Stdout(mut out) => out.flush(),
            Out::File { path, draft } => {
                let draft = draft.into_inner()?;
                draft.as_file().sync_all()?;
                draft.persist(path)?;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_read_other_files_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let (usual, written) = (folder.path().join("usual"), folder.path().join("written"));
        std::fs::write(&usual, "").unwrap();
        let mut out = Out::open(&written).unwrap();
        out.write(b"all of it").unwrap();
        assert!(!written.exists(), "not before it is whole");
        out.close().unwrap();
        assert_eq!(
            (mode(&written), std::fs::read(&written).unwrap()),
            (mode(&usual), b"all of it".to_vec())
        );
    }
}
