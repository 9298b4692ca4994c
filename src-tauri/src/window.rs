//! The officer's window and the window that faces the person concerned.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casebook::Terminal;
use tauri::http::{HeaderValue, Response, header::CONTENT_TYPE};
use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{
    AppHandle, Context, Manager, RunEvent, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent, Wry,
};

use crate::stop::told_to_stop;
use crate::{ShellFailure, bridge};

pub(crate) const OFFICER: &str = "main";
pub(crate) const PARTY: &str = "party";
/// The window in place of the officer's when the terminal does not open. It has no permissions.
const FAILURE: &str = "failure";

const TITLE: &str = "三项 执法终端";
const PARTY_TITLE: &str = "执法公示";

/// The built screens, their window settings and the permissions, all inside the program.
pub(crate) fn context() -> Context<Wry> {
    tauri::generate_context!()
}

/// Opens the officer's window, or one that says why the terminal does not open, and returns when it was closed.
pub(crate) fn show(
    data: &Path,
    opened: Result<Arc<Terminal>, ShellFailure>,
) -> Result<(), ShellFailure> {
    let storage = WebStorage::fresh(data);
    let (terminal, failure) = match opened {
        Ok(terminal) => (Some(terminal), None),
        Err(failure) => {
            tracing::error!("{}", crate::in_full(&failure));
            (None, Some(failure))
        }
    };
    let page = failure
        .as_ref()
        .map(|failure| failure_page(&crate::in_full(failure)));

    let mut builder = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            bridge::rpc,
            bridge::upload,
            bridge::show_party_window
        ])
        .on_permission_request(|_, _| PermissionResponse::Deny);
    builder = match page {
        None => builder.register_asynchronous_uri_scheme_protocol("sanxiang", bridge::stream),
        Some(page) => builder.register_uri_scheme_protocol("sanxiang", move |_, _| {
            let mut response = Response::new(page.clone().into_bytes());
            response.headers_mut().insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            response.headers_mut().insert(
                "content-security-policy",
                HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
            );
            response
        }),
    };
    if let Some(terminal) = &terminal {
        builder = builder.manage(Arc::clone(terminal));
    }
    let is_open = terminal.is_some();
    let app = builder
        .manage(storage)
        .setup(move |app| {
            let app = app.handle().clone();
            if is_open {
                officer_window(&app)?
            } else {
                failure_window(&app)?
            }
            tauri::async_runtime::spawn(async move {
                told_to_stop().await;
                app.exit(0);
            });
            Ok(())
        })
        .build(context())
        .map_err(ShellFailure::Window)?;

    app.run_return(move |app, event| match event {
        // The party's window is nothing without the officer's.
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } if label == OFFICER => app.exit(0),
        RunEvent::Exit => {
            app.state::<WebStorage>().clear();
            if let Some(terminal) = &terminal {
                terminal.shut_down();
            }
        }
        _ => {}
    });
    match failure {
        None => Ok(()),
        Some(failure) => Err(failure),
    }
}

fn officer_window(app: &AppHandle) -> tauri::Result<()> {
    guarded(app, OFFICER, WebviewUrl::App("index.html".into()))
        .title(TITLE)
        .inner_size(1280.0, 800.0)
        .min_inner_size(1024.0, 600.0)
        .build()?;
    Ok(())
}

/// Brings the party's window to the front, opening it first where it is not open.
pub(crate) fn show_party(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(PARTY) {
        window.show()?;
        return window.set_focus();
    }
    guarded(app, PARTY, WebviewUrl::App("party.html".into()))
        .title(PARTY_TITLE)
        .inner_size(1024.0, 768.0)
        .min_inner_size(800.0, 600.0)
        .build()?;
    Ok(())
}

/// A window that stays with our own pages: no other address, no new windows, no downloads.
fn guarded<'a>(
    app: &'a AppHandle,
    label: &str,
    url: WebviewUrl,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, url)
        .data_directory(app.state::<WebStorage>().0.clone())
        .devtools(cfg!(debug_assertions))
        .disable_drag_drop_handler()
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
}

/// What the web view keeps for the length of one run. It is shared, because the two windows talk to each other through
/// it, and emptied at both ends, because nothing durable lives there.
struct WebStorage(PathBuf);

impl WebStorage {
    fn fresh(data: &Path) -> Self {
        let storage = WebStorage(data.join("webview"));
        storage.clear();
        storage
    }

    fn clear(&self) {
        match std::fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the web view's storage could not be emptied");
            }
            _ => {}
        }
    }
}

fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" | "sanxiang" | "blob" => true,
        "about" => matches!(url.path(), "blank" | "srcdoc"),
        "http" | "https" => matches!(
            url.host_str(),
            Some("tauri.localhost" | "sanxiang.localhost")
        ),
        _ => false,
    }
}

fn failure_window(app: &AppHandle) -> Result<(), Box<dyn std::error::Error>> {
    let url = WebviewUrl::CustomProtocol(Url::parse("sanxiang://localhost/failure")?);
    guarded(app, FAILURE, url)
        .title(TITLE)
        .inner_size(900.0, 520.0)
        .build()?;
    Ok(())
}

fn failure_page(reason: &str) -> String {
    let reason = reason
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    include_str!("failure.html").replace("{{reason}}", &reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_goes_to_no_foreign_address() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_ours(&Url::parse(text).unwrap()), expected, "{text}");
        };
        check("tauri://localhost/index.html", true);
        check("http://tauri.localhost/party.html", true);
        check("sanxiang://localhost/stream/instrument/1/pdf", true);
        check("about:blank", true);
        check("https://example.org/", false);
        check("http://tauri.localhost.example.org/", false);
        check("file:///etc/passwd", false);
        check("javascript:alert(1)", false);
        check("data:text/html,hello", false);
    }

    #[test]
    fn a_reason_is_shown_as_text() {
        let page = failure_page("<script>alert(1)</script> & more");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"));
        assert!(!page.contains("{{reason}}"));
    }
}
