//! Imports go one way: the table of ARCHITECTURE.md, enforced.

use std::path::{Path, PathBuf};

/// Module and layer; a file may use modules of lower layers, and of its own module. Within layer 0 the order is the order here.
const LAYERS: &[(&str, u32)] = &[
    ("span", 0),
    ("note", 1),
    ("assertion", 2),
    ("scheme", 3),
    ("mention", 4),
    ("provenance", 5),
    ("suggestion", 6),
    ("highlight", 7),
    ("text", 10),
    ("lexicon", 20),
    ("records", 25),
    ("dictionary", 30),
    ("context", 30),
    ("model", 30),
    ("fusion", 40),
    ("calibration", 41),
    ("extractor", 50),
    ("eval", 60),
    ("wire", 60),
    ("training", 65),
    ("config", 70),
    ("telemetry", 80),
    ("api", 81),
    ("cli", 82),
    ("main", 90),
];

fn layer(module: &str) -> Option<u32> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn imports_go_down_the_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let relative = file.strip_prefix(&src).expect("under src");
        let module = relative.components().next().expect("a name").as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{module} has no layer: add it to the table and to ARCHITECTURE.md"));
        let text = std::fs::read_to_string(&file).expect("readable");
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect();
                let Some(other) = layer(&used) else { continue };
                seen += 1;
                if used != module && other >= own {
                    wrong.push(format!("{}:{}: {module} uses {used}", relative.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that go up or sideways:\n{}", wrong.join("\n"));
    assert!(seen > 100, "the test reads imports ({seen} found)");
}
