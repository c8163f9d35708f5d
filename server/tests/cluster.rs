//! A PostgreSQL cluster of the tests' own: in a temporary folder, on a socket there, stopped and
//! removed with the process that began it.

use sqlx::{Connection as _, PgConnection};
use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The folder with `initdb` and `postgres`, where it is not Debian's.
const VARIABLE: &str = "CC_CONNECT_POSTGRES_BIN";

/// A running cluster. Dropping it stops and removes it.
pub(crate) struct Cluster {
    folder: PathBuf,
    databases: AtomicUsize,
    keeper: Mutex<Keeper>,
}

/// A shell that obeys orders, and stops the cluster when the pipe to it closes, however this
/// process ends.
struct Keeper {
    shell: Child,
    /// `None` when it is told to end.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// The address of a new database in the cluster that this process's tests share; `None`, and a word
/// about it, where PostgreSQL is not installed.
pub(crate) async fn postgres() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    match CLUSTER.get_or_init(Cluster::begin) {
        Some(cluster) => Some(cluster.database().await),
        None => None,
    }
}

impl Cluster {
    /// A cluster of the caller's own.
    pub(crate) fn begin() -> Option<Self> {
        let Some(binaries) = binaries() else {
            eprintln!("skipped: PostgreSQL is not installed, and {VARIABLE} names no folder");
            return None;
        };
        Some(begin(&binaries))
    }

    /// The address of a new database.
    pub(crate) async fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let address = |name: &str| {
            let folder = self.folder.display();
            format!("postgres://cc@localhost/{name}?host={folder}")
        };
        let mut admin = connect(&address("postgres")).await;
        sqlx::raw_sql(&format!("CREATE DATABASE {name}"))
            .execute(&mut admin)
            .await
            .expect("a new database");
        address(&name)
    }

    /// Does something to all of the cluster's processes: `restart`, `freeze` or `thaw`. It has been
    /// done when this returns.
    #[allow(dead_code, reason = "not every target does something to it")]
    pub(crate) fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().expect("nobody panics");
        let orders = keeper.orders.as_mut().expect("it is told to end last");
        writeln!(orders, "{order}").expect("the keeper lives");
        let mut answer = String::new();
        let read = keeper.answers.read_line(&mut answer);
        read.expect("the keeper answers");
        assert_eq!(answer, "done\n");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(keeper) = self.keeper.get_mut() {
            keeper.orders = None;
            let _ = keeper.shell.wait();
        }
    }
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
        "cd / || exit
        begin() {{
            {bin}/postgres -D {data}/data -k {data} -c listen_addresses= -c fsync=off \
                -c max_connections=300 </dev/null >>{data}/log 2>&1 &
            postgres=$!
        }}
        all() {{ kill -$1 $postgres; kill -$1 $(pgrep -P $postgres) 2>/dev/null; }}
        begin
        while read -r order; do
            case $order in
                restart) kill -INT $postgres; wait $postgres; begin;;
                freeze) all STOP;;
                thaw) all CONT;;
            esac
            echo done
        done
        all CONT; kill -INT $postgres; wait $postgres; rm -rf {data}"
    );
    let mut shell = shell()
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let orders = shell.stdin.take();
    let answers = BufReader::new(shell.stdout.take().expect("it is piped"));
    Cluster {
        folder,
        databases: AtomicUsize::new(0),
        keeper: Mutex::new(Keeper {
            shell,
            orders,
            answers,
        }),
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the command exists");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
