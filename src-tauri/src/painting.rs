//! How pages are painted where there is no graphics processor.

use std::path::Path;

/// Where Linux lists the graphics processors that can be painted with.
const RENDER_NODES: &str = "/dev/dri";

/// Without a graphics processor WebKit paints through one emulated in software, which compiles a program for every kind
/// of shape before the first screen is there. Painting directly is faster, at the start and after it. The web view's
/// processes read this from the environment, and what the environment already says is left alone.
///
/// Changing the environment is sound only while the program has a single thread.
pub(crate) fn prepare() {
    if has_render_node(Path::new(RENDER_NODES)) {
        return;
    }
    if let Err(error) = glib::setenv("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1", false) {
        tracing::warn!(%error, "pages are painted through an emulated graphics processor");
    }
}

fn has_render_node(folder: &Path) -> bool {
    let Ok(nodes) = std::fs::read_dir(folder) else {
        return false;
    };
    nodes
        .flatten()
        .any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_render_node_is_a_graphics_processor_to_paint_with() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_render_node(&folder.path().join("missing")));
        std::fs::write(folder.path().join("card0"), []).unwrap();
        assert!(!has_render_node(folder.path()));
        std::fs::write(folder.path().join("renderD128"), []).unwrap();
        assert!(has_render_node(folder.path()));
    }
}
