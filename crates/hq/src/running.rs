//! Serving, in a runtime of the caller or in a thread of its own.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::headquarters::Headquarters;

/// How long requests under way may take once headquarters is to end.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

impl Headquarters {
    /// Serves until `shutdown` is done; requests under way are answered.
    pub async fn serve(
        self: Arc<Self>,
        listener: tokio::net::TcpListener,
        ui: &Path,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        let service = self
            .router(ui)
            .into_make_service_with_connect_info::<SocketAddr>();
        let (stopping, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
            shutdown.await;
            let _ = stopping.send(());
        });
        // Somebody who plays a long recording does not keep the process from ending.
        let patience = async {
            let _ = stopped.await;
            tokio::time::sleep(STOP_PATIENCE).await;
        };
        tokio::select! {
            served = serving.into_future() => served.map_err(Failure::Serve),
            () = patience => Ok(()),
        }
    }
}

/// A headquarters that serves in a thread of its own, for demonstrations and tests.
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// `address` with port 0 takes any free port.
    pub fn start(hq: Arc<Headquarters>, address: &str, ui: &Path) -> Result<Self, Failure> {
        let listener = std::net::TcpListener::bind(address).map_err(Failure::Serve)?;
        listener.set_nonblocking(true).map_err(Failure::Serve)?;
        let address = listener.local_addr().map_err(Failure::Serve)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(Failure::Serve)?;
        let (stop, stopped) = oneshot::channel();
        let ui = ui.to_owned();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let served = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => {
                        let shutdown = async {
                            let _ = stopped.await;
                        };
                        hq.serve(listener, &ui, shutdown).await
                    }
                    Err(error) => Err(Failure::Serve(error)),
                };
                if let Err(failure) = served {
                    tracing::error!(%failure, "serving ended");
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops taking requests and waits for those under way.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
