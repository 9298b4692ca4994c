//! `sanxiang-headquarters`: found, serve and check a headquarters.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use hq::{FUNCTIONS, Failure, Founding, Headquarters, NewUser, SystemClock, causes};

#[derive(Parser)]
#[command(
    name = "sanxiang-headquarters",
    version,
    about = "Sanxiang headquarters: intake, console, public page"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Found a headquarters: keys, agency, roster, pack, users.
    Init {
        #[arg(long)]
        data: PathBuf,
        /// Where phones reach the public page, e.g. https://hq.example.
        #[arg(long)]
        public_url: String,
        /// Sources of the pack to publish.
        #[arg(long, default_value = "forms/packs/transport")]
        pack: PathBuf,
        /// The agency's file; not needed with --example.
        #[arg(long, required_unless_present = "example", conflicts_with = "example")]
        agency: Option<PathBuf>,
        /// The pack's invented agency, with console users whose passwords are printed.
        #[arg(long)]
        example: bool,
    },
    /// Print a ticket with which one terminal may enrol.
    Ticket {
        #[arg(long)]
        data: PathBuf,
    },
    /// Add a console user or set a password, read from the first line of standard input.
    User {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        user: String,
        #[arg(long)]
        name: String,
        /// What the user may do; give it several times for several functions.
        #[arg(long = "function", alias = "role", required = true, value_parser = FUNCTIONS)]
        functions: Vec<String>,
        /// Number of the enforcement certificate of a user who is an officer too.
        #[arg(long, default_value = "")]
        credential: String,
        /// Number of the legal qualification; without one nobody reviews.
        #[arg(long, default_value = "")]
        qualification: String,
    },
    /// Publish a newer pack.
    Pack {
        #[command(subcommand)]
        command: PackCommand,
    },
    /// Publish an agency file anew: texts, parameters, officers and their photos, number series.
    Roster {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        agency: PathBuf,
    },
    /// Serve terminals, the console and the public page.
    Serve {
        #[arg(long)]
        data: PathBuf,
        #[arg(long, default_value = "127.0.0.1:8470")]
        listen: String,
        /// Folder of the built screens.
        #[arg(long, default_value = "ui/dist")]
        ui: PathBuf,
    },
    /// Verify headquarters' own series and that of every terminal from the stored bytes.
    Verify {
        #[arg(long)]
        data: PathBuf,
    },
    /// Check a PDF against the journals: which instrument it is, and whether it is as it was issued.
    Paper {
        file: PathBuf,
        #[arg(long)]
        data: PathBuf,
    },
    /// Read all projections anew from the journals.
    Rebuild {
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Subcommand)]
enum PackCommand {
    /// From the folder of its sources, or from a bundle that this headquarters signed.
    Publish {
        source: PathBuf,
        #[arg(long)]
        data: PathBuf,
        /// Another version than pack.toml says.
        #[arg(long)]
        version: Option<String>,
    },
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("sanxiang-headquarters: {}", causes(&failure));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init {
            data,
            public_url,
            pack,
            agency,
            example: _,
        } => {
            let founding = match agency {
                Some(agency) => Founding::of_agency(&agency, &pack, &public_url)?,
                None => Founding::example(&pack, &public_url)?,
            };
            init(founding, &data)
        }
        Command::Ticket { data } => {
            println!("{}", Headquarters::open(&data)?.ticket()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::User {
            data,
            user,
            name,
            functions,
            credential,
            qualification,
        } => {
            let mut password = String::new();
            std::io::stdin()
                .read_line(&mut password)
                .map_err(|source| Failure::File {
                    path: "standard input".into(),
                    source,
                })?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            Headquarters::open(&data)?.put_user(&NewUser {
                user,
                name,
                functions,
                password,
                credential_no: credential,
                qualification_no: qualification,
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Roster { data, agency } => {
            Headquarters::open(&data)?.publish_agency(&agency)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Pack {
            command:
                PackCommand::Publish {
                    source,
                    data,
                    version,
                },
        } => {
            let hq = Headquarters::open(&data)?;
            let (version, sha256) = hq.publish_pack(&source, version.as_deref())?;
            println!("pack {version} {sha256}");
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { data, listen, ui } => serve(&data, &listen, &ui),
        Command::Verify { data } => verify(&data),
        Command::Paper { file, data } => paper(&data, &file),
        Command::Rebuild { data } => {
            println!(
                "{} entries read",
                Headquarters::open(&data)?.rebuild_projections()?
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn init(founding: Founding, data: &std::path::Path) -> Result<ExitCode, Failure> {
    let users: Vec<(String, String)> = founding
        .users
        .iter()
        .map(|user| (user.user.clone(), user.password.clone()))
        .collect();
    let hq = founding.found(data, Arc::new(SystemClock::default()))?;
    let foundation = hq.foundation()?;
    println!(
        "headquarters {} of {}",
        foundation.note_name,
        foundation.agency_text("name")
    );
    println!(
        "pack {} {}",
        foundation.pack_version, foundation.pack_sha256
    );
    println!(
        "roster {} with {} officers",
        foundation.roster_version,
        hq.officers()?.len()
    );
    for (user, password) in users {
        println!("console user {user} password {password}");
    }
    println!("ticket {}", hq.ticket()?);
    Ok(ExitCode::SUCCESS)
}

fn serve(data: &std::path::Path, listen: &str, ui: &std::path::Path) -> Result<ExitCode, Failure> {
    let hq = Arc::new(Headquarters::open(data)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Serve)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(Failure::Serve)?;
        let address = listener.local_addr().map_err(Failure::Serve)?;
        println!("headquarters listens on http://{address}");
        hq.serve(listener, ui, stopped()).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C or, where there is one, the signal to terminate.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// A larger file is no instrument.
const PDF_BYTES_MAX: u64 = 256 * 1024 * 1024;

fn paper(data: &std::path::Path, file: &std::path::Path) -> Result<ExitCode, Failure> {
    let size = std::fs::metadata(file).map_err(Failure::file(file))?.len();
    if size > PDF_BYTES_MAX {
        return Err(Failure::PdfTooLarge(size));
    }
    let pdf = std::fs::read(file).map_err(Failure::file(file))?;
    let report = Headquarters::open(data)?.check_pdf(&pdf)?;
    print!("{report}");
    Ok(match report.is_sound() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn verify(data: &std::path::Path) -> Result<ExitCode, Failure> {
    let health = Headquarters::open(data)?.journal_health()?;
    for series in &health.series {
        let verdict = series.fault.as_deref().unwrap_or("sound");
        let head = series.head_hash.as_deref().unwrap_or("-");
        println!(
            "{}/{} {} entries, head {head}: {verdict}",
            series.writer, series.epoch, series.entries
        );
    }
    for fork in &health.forks {
        println!(
            "fork of {}/{} at {}: {} and {}",
            fork.writer, fork.epoch, fork.idx, fork.kept_hash, fork.other_hash
        );
    }
    print!("{}", health.checkpoint);
    Ok(if health.is_sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
