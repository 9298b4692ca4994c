//! An empty window of the same size as the terminal's: what `./bench` measures the start of the terminal against.

use tauri::http::{Response, header::CONTENT_TYPE};
use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

/// Nothing but a colour.
const PAGE: &str = "<!doctype html><html style=\"background:#3a7\"><title>empty</title></html>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let storage = std::env::args()
        .nth(1)
        .ok_or("the folder for the web view's storage is missing")?;
    let url = Url::parse("empty://localhost/")?;
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            let mut response = Response::new(PAGE.as_bytes().to_vec());
            response.headers_mut().insert(
                CONTENT_TYPE,
                tauri::http::HeaderValue::from_static("text/html; charset=utf-8"),
            );
            response
        })
        .setup(move |app| {
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::CustomProtocol(url))
                .data_directory(storage.into())
                .title("empty")
                .inner_size(1280.0, 800.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
