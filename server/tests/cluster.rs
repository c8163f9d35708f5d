//! A PostgreSQL cluster of the tests' own: in a temporary folder, on a socket there, stopped and
//! removed with the process that began it.

use sqlx::{Connection as _, PgConnection};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The folder with `initdb` and `postgres`, where it is not Debian's.
const VARIABLE: &str = "CC_CONNECT_POSTGRES_BIN";

struct Cluster {
    folder: PathBuf,
    /// Stops the cluster when the pipe to it closes, however this process ends.
    _keeper: Child,
}

/// The address of a new database; `None`, and a word about it, where PostgreSQL is not installed.
pub(crate) async fn postgres() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static DATABASES: AtomicUsize = AtomicUsize::new(0);
    let cluster = CLUSTER.get_or_init(|| binaries().map(|binaries| begin(&binaries)));
    let Some(cluster) = cluster else {
        eprintln!("skipped: PostgreSQL is not installed, and {VARIABLE} names no folder");
        return None;
    };
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let address = |name: &str| {
        let folder = cluster.folder.display();
        format!("postgres://cc@localhost/{name}?host={folder}")
    };
    let mut admin = connect(&address("postgres")).await;
    sqlx::raw_sql(&format!("CREATE DATABASE {name}"))
        .execute(&mut admin)
        .await
        .expect("a new database");
    Some(address(&name))
}

/// The cluster takes a moment to answer.
async fn connect(address: &str) -> PgConnection {
    for _ in 0..200 {
        if let Ok(connection) = PgConnection::connect(address).await {
            return connection;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the cluster does not answer");
}

/// The newest version that Debian has installed.
fn binaries() -> Option<PathBuf> {
    if let Some(folder) = env::var_os(VARIABLE) {
        return Some(PathBuf::from(folder));
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders
        .filter(|folder| folder.join("initdb").is_file())
        .max()
}

fn begin(binaries: &Path) -> Cluster {
    let folder = tempfile::Builder::new().prefix("cc-postgres-").tempdir();
    let folder = folder.expect("a temporary folder").keep();
    // PostgreSQL does not run as root.
    let is_root = run(Command::new("id").arg("-u")).trim() == "0";
    let shell = || {
        let mut shell = Command::new(if is_root { "runuser" } else { "sh" });
        if is_root {
            shell.args(["-u", "postgres", "--", "sh"]);
        }
        shell
    };
    if is_root {
        run(Command::new("chown").arg("postgres").arg(&folder));
    }
    let (bin, data) = (binaries.display(), folder.display());
    let script = format!(
        "cd / && {bin}/initdb --pgdata={data}/data --username=cc --auth=trust --no-sync \
         --encoding=UTF8 --locale=C"
    );
    run(shell().args(["-c", &script]));
    let script = format!(
        "cd / && {bin}/postgres -D {data}/data -k {data} -c listen_addresses= -c fsync=off \
         -c max_connections=300 >{data}/log 2>&1 & \
         postgres=$!; read -r _; kill -INT $postgres; wait $postgres; rm -rf {data}"
    );
    let keeper = shell()
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    Cluster {
        folder,
        _keeper: keeper,
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the command exists");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
