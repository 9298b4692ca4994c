use std::path::Path;

/// What the windows may ask for, one permission each; see `capabilities/`.
const COMMANDS: &[&str] = &["rpc", "upload", "show_party_window"];

fn main() {
    let screens = Path::new("../ui/dist");
    println!("cargo:rerun-if-changed={}", screens.display());
    if !screens.join("index.html").exists() {
        println!("cargo:warning=the screens are not built: run `npm run build` in ui/");
        if let Err(error) = std::fs::create_dir_all(screens) {
            println!("cargo:warning=cannot create {}: {error}", screens.display());
        }
    }
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) =
        tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
    {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
