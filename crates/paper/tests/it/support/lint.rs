//! What PDF/A-2u and 3u ask of the structure, looked at through qpdf's eyes: nothing of the writer is used here.
//! A validator this is not, but every rule in it was broken on purpose in `archive.rs`.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

#[path = "lint/content.rs"]
pub mod content;

use content::{Operand, operations};

/// What is wrong with the file; nothing when it is fit for archives.
pub fn lint(path: &Path) -> Vec<String> {
    let raw = std::fs::read(path).unwrap();
    let file = File::read(path);
    let mut lint = Lint {
        file: &file,
        problems: Vec::new(),
        mappings: HashMap::new(),
        seen: BTreeSet::new(),
    };
    lint.frame(&raw);
    lint.forbidden();
    let part = lint.identification(&raw);
    lint.output_intent();
    lint.pages();
    lint.files(part);
    lint.outline();
    lint.problems
}

/// The objects of a PDF by their references.
pub struct File {
    objects: BTreeMap<String, Value>,
    trailer: Value,
    version: String,
}

impl File {
    pub fn read(path: &Path) -> File {
        let output = Command::new("qpdf")
            .args(["--json=2", "--json-stream-data=inline"])
            .arg("--decode-level=generalized")
            .arg(path)
            .output()
            .expect("qpdf (Debian: qpdf)");
        let text = String::from_utf8(output.stdout).unwrap();
        let json: Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("qpdf: {}", String::from_utf8_lossy(&output.stderr)));
        let [header, objects] = json["qpdf"].as_array().unwrap().as_slice() else {
            panic!("qpdf's JSON has another shape");
        };
        let mut file = File {
            objects: BTreeMap::new(),
            trailer: objects["trailer"]["value"].clone(),
            version: header["pdfversion"].as_str().unwrap().to_owned(),
        };
        for (key, object) in objects.as_object().unwrap() {
            if let Some(reference) = key.strip_prefix("obj:") {
                file.objects.insert(reference.to_owned(), object.clone());
            }
        }
        file
    }

    /// The value itself, where it is a reference the object it names; of a stream the dictionary.
    pub fn get<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value.as_str().and_then(|text| self.objects.get(text)) {
            Some(object) if object.get("stream").is_some() => &object["stream"]["dict"],
            Some(object) => self.get(&object["value"]),
            None => value,
        }
    }

    /// The decoded bytes of a stream.
    pub fn stream(&self, reference: &Value) -> Option<Vec<u8>> {
        let object = self.objects.get(reference.as_str()?)?;
        STANDARD.decode(object["stream"]["data"].as_str()?).ok()
    }

    pub fn catalog(&self) -> &Value {
        self.get(&self.trailer["/Root"])
    }

    /// Page dictionaries in order, with what they inherit.
    pub fn pages(&self) -> Vec<(String, Value)> {
        let mut pages = Vec::new();
        self.kids(&self.catalog()["/Pages"], &Map::new(), &mut pages);
        pages
    }

    fn kids(&self, node: &Value, inherited: &Map<String, Value>, pages: &mut Vec<(String, Value)>) {
        let reference = node.as_str().unwrap_or_default().to_owned();
        let mut own = inherited.clone();
        for key in ["/MediaBox", "/CropBox", "/Resources", "/Rotate"] {
            if let Some(value) = self.get(node).get(key) {
                own.insert(key.to_owned(), value.clone());
            }
        }
        match self.get(node)["/Kids"].as_array() {
            Some(kids) => kids.iter().for_each(|kid| self.kids(kid, &own, pages)),
            None => {
                own.extend(self.get(node).as_object().unwrap().clone());
                pages.push((reference, Value::Object(own)));
            }
        }
    }

    /// Every dictionary of the file, also those inside others.
    fn each(&self, mut visit: impl FnMut(&Map<String, Value>)) {
        fn walk(value: &Value, visit: &mut dyn FnMut(&Map<String, Value>)) {
            match value {
                Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
                Value::Object(map) => {
                    visit(map);
                    map.values().for_each(|item| walk(item, visit));
                }
                _ => {}
            }
        }
        for object in self.objects.values() {
            let value = object.get("value").or(object["stream"].get("dict"));
            walk(value.unwrap_or(&Value::Null), &mut visit);
        }
        walk(&self.trailer, &mut visit);
    }
}

/// A text string as qpdf shows it.
pub fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.strip_prefix("u:").unwrap_or(text).to_owned()
}

struct Lint<'f> {
    file: &'f File,
    problems: Vec<String>,
    /// What the codes of a font mean, by its reference.
    mappings: HashMap<String, BTreeMap<u16, String>>,
    seen: BTreeSet<String>,
}

impl Lint<'_> {
    fn wrong(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    fn expect(&mut self, holds: bool, problem: &str) {
        if !holds {
            self.wrong(problem);
        }
    }

    fn frame(&mut self, raw: &[u8]) {
        let mut lines = raw.split(|byte| *byte == b'\n');
        let header = lines.next().unwrap_or_default();
        self.expect(header == b"%PDF-1.7", "header is not %PDF-1.7");
        let comment = lines.next().unwrap_or_default();
        let is_binary = comment.first() == Some(&b'%')
            && comment.len() >= 5
            && comment[1..5].iter().all(|byte| *byte >= 128);
        self.expect(is_binary, "no binary comment in the second line");
        let end = raw.trim_ascii_end();
        self.expect(end.ends_with(b"%%EOF"), "something follows %%EOF");
        self.expect(self.file.version == "1.7", "version is not 1.7");
        let trailer = &self.file.trailer;
        let ids = trailer["/ID"].as_array().map_or(0, Vec::len);
        self.expect(ids == 2, "no /ID in the trailer");
        self.expect(trailer.get("/Encrypt").is_none(), "encrypted");
        let language = text(&self.file.catalog()["/Lang"]);
        self.expect(language.len() >= 2, "no /Lang");
        for filter in ["/LZWDecode", "/Crypt"] {
            let is_there = raw.windows(filter.len()).any(|w| w == filter.as_bytes());
            self.expect(!is_there, filter);
        }
    }

    fn forbidden(&mut self) {
        let mut found = BTreeSet::new();
        self.file.each(|dictionary| {
            for key in [
                "/AA",
                "/OpenAction",
                "/JS",
                "/JavaScript",
                "/XFA",
                "/Alternates",
                "/OPI",
                "/PS",
                "/TR",
                "/HTP",
                "/Ref",
                "/Encrypt",
            ] {
                if dictionary.contains_key(key) {
                    found.insert(format!("{key} is forbidden"));
                }
            }
            if dictionary.get("/Interpolate") == Some(&Value::Bool(true)) {
                found.insert("/Interpolate is true".to_owned());
            }
            let action = dictionary
                .get("/S")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if [
                "/Launch",
                "/Sound",
                "/Movie",
                "/ResetForm",
                "/ImportData",
                "/JavaScript",
                "/SetOCGState",
            ]
            .contains(&action)
            {
                found.insert(format!("action {action}"));
            }
            for (key, value) in dictionary {
                let is_long = value.as_str().is_some_and(|text| text.len() > 32_767);
                if key.len() > 127 || is_long {
                    found.insert(format!("{key} is longer than a reader must take"));
                }
            }
        });
        self.problems.extend(found);
    }

    /// XMP says which PDF/A this is, and the same as the information dictionary.
    fn identification(&mut self, raw: &[u8]) -> u8 {
        let catalog = self.file.catalog();
        let metadata = self.file.stream(&catalog["/Metadata"]).unwrap_or_default();
        let xmp = String::from_utf8_lossy(&metadata).into_owned();
        let is_readable = !xmp.is_empty() && raw.windows(metadata.len()).any(|w| w == metadata);
        self.expect(is_readable, "metadata is missing or not readable as it is");
        let tag = |name: &str| {
            let (_, rest) = xmp.split_once(&format!("<{name}>"))?;
            let (inside, _) = rest.split_once(&format!("</{name}>"))?;
            Some(inside.to_owned())
        };
        let part = tag("pdfaid:part")
            .and_then(|part| part.parse().ok())
            .unwrap_or(0);
        self.expect(part == 2 || part == 3, "XMP names no part 2 or 3");
        self.expect(
            tag("pdfaid:conformance").as_deref() == Some("U"),
            "XMP does not name conformance U",
        );
        let info = self.file.get(&self.file.trailer["/Info"]);
        let title = tag("dc:title").unwrap_or_default();
        let title = title
            .split("x-default\">")
            .nth(1)
            .and_then(|rest| rest.split('<').next());
        let title = title
            .unwrap_or_default()
            .replace("&lt;", "<")
            .replace("&amp;", "&");
        self.expect(!title.is_empty(), "no title");
        self.expect(text(&info["/Title"]) == title, "the two titles differ");
        self.expect(
            Some(text(&info["/Producer"])) == tag("pdf:Producer"),
            "the two producers differ",
        );
        for (key, name) in [
            ("/CreationDate", "xmp:CreateDate"),
            ("/ModDate", "xmp:ModifyDate"),
        ] {
            let digits = |text: &str| {
                text.chars()
                    .filter(char::is_ascii_digit)
                    .collect::<String>()
            };
            let same = digits(&text(&info[key])) == digits(&tag(name).unwrap_or_default());
            self.expect(same, &format!("{key} differs from {name}"));
        }
        part
    }

    fn output_intent(&mut self) {
        let intents = self
            .file
            .get(&self.file.catalog()["/OutputIntents"])
            .as_array();
        let intent = intents.and_then(|intents| intents.first());
        let intent = self.file.get(intent.unwrap_or(&Value::Null)).clone();
        self.expect(intent["/S"] == "/GTS_PDFA1", "no output intent GTS_PDFA1");
        let has_name = !text(&intent["/OutputConditionIdentifier"]).is_empty();
        self.expect(has_name, "the output intent has no name");
        let profile = &intent["/DestOutputProfile"];
        let icc = self.file.stream(profile).unwrap_or_default();
        let is_profile = icc.len() > 128
            && icc[0..4] == u32::try_from(icc.len()).unwrap().to_be_bytes()
            && &icc[36..40] == b"acsp"
            && &icc[16..20] == b"RGB "
            && (&icc[12..16] == b"mntr" || &icc[12..16] == b"prtr")
            && icc[8] <= 4;
        self.expect(is_profile, "the output intent has no RGB profile");
        self.expect(
            self.file.get(profile)["/N"] == 3,
            "the profile has no three channels",
        );
    }

    fn pages(&mut self) {
        let pages = self.file.pages();
        self.expect(!pages.is_empty(), "no pages");
        for (reference, page) in &pages {
            let side = |at: usize| self.file.get(&page["/MediaBox"])[at].as_f64();
            let (wide, high) = (side(2).unwrap_or(0.0), side(3).unwrap_or(0.0));
            let is_sized = (3.0..14_400.0).contains(&wide) && (3.0..14_400.0).contains(&high);
            self.expect(is_sized, &format!("page {reference} has no size"));
            for annotation in self
                .file
                .get(&page["/Annots"])
                .as_array()
                .into_iter()
                .flatten()
            {
                let annotation = self.file.get(annotation);
                let flags = annotation["/F"].as_i64().unwrap_or(0);
                self.expect(
                    annotation["/Subtype"] == "/Link" && flags & 4 != 0,
                    "an annotation that is not printed",
                );
            }
            let contents = self.file.get(&page["/Contents"]);
            let streams = match contents {
                Value::Array(streams) => streams.clone(),
                _ => vec![page["/Contents"].clone()],
            };
            let mut content = Vec::new();
            for stream in &streams {
                content.extend(self.file.stream(stream).unwrap_or_default());
                content.push(b'\n');
            }
            self.content(&content, &page["/Resources"], reference);
        }
    }

    fn content(&mut self, content: &[u8], resources: &Value, place: &str) {
        const KNOWN: [&str; 42] = [
            "q", "Q", "cm", "w", "J", "j", "M", "d", "i", "gs", "m", "l", "c", "v", "y", "h", "re",
            "S", "s", "f", "f*", "B", "B*", "b", "b*", "n", "W", "W*", "BT", "ET", "Tc", "Tw",
            "Tz", "TL", "Tf", "Tr", "Td", "Tm", "TJ", "Tj", "Do", "T*",
        ];
        let (mut depth, mut deepest, mut in_text, mut font) = (0_i32, 0, false, Value::Null);
        let resources = self.file.get(resources).clone();
        let resource = |kind: &str, operand: Option<&Operand>| -> Value {
            let name = operand.and_then(Operand::name).unwrap_or_default();
            self.file.get(&resources[kind])[&format!("/{name}")].clone()
        };
        let mut problems = BTreeSet::new();
        let mut shown: Vec<(Value, Vec<u8>)> = Vec::new();
        let mut drawn = Vec::new();
        for operation in operations(content) {
            match operation.operator.as_str() {
                "q" => depth += 1,
                "Q" => depth -= 1,
                "BT" | "ET" => {
                    if in_text == (operation.operator == "BT") {
                        problems.insert("text sections are nested".to_owned());
                    }
                    in_text = operation.operator == "BT";
                }
                // Grey and RGB are what the profile of the output intent covers.
                "g" | "G" | "rg" | "RG" => {}
                "Tf" => {
                    font = resource("/Font", operation.operands.first());
                    if font.is_null() {
                        problems.insert("a font is not among the resources".to_owned());
                    }
                }
                "Tj" | "TJ" => {
                    for operand in &operation.operands {
                        shown.extend(operand.strings().map(|code| (font.clone(), code.to_vec())));
                    }
                }
                "Do" => drawn.push(resource("/XObject", operation.operands.first())),
                operator if KNOWN.contains(&operator) => {}
                other => {
                    problems.insert(format!("operator {other}"));
                }
            }
            deepest = deepest.max(depth);
            if depth < 0 {
                problems.insert("Q without q".to_owned());
            }
        }
        if depth != 0 || deepest > 28 || in_text {
            problems.insert(format!("q and Q do not match ({depth}, at most {deepest})"));
        }
        self.problems.extend(
            problems
                .into_iter()
                .map(|problem| format!("{place}: {problem}")),
        );
        for (font, code) in shown {
            self.shown(&font, &code, place);
        }
        for object in drawn {
            self.drawn(&object, place);
        }
    }

    fn drawn(&mut self, reference: &Value, place: &str) {
        let object = self.file.get(reference).clone();
        if !self.seen.insert(reference.to_string()) {
            return;
        }
        match object["/Subtype"].as_str() {
            // One bit for each dot, drawn in the colour of the page's own ink.
            Some("/Image") if object["/ImageMask"] == true => {
                self.expect(
                    object["/BitsPerComponent"] == 1
                        && object.get("/ColorSpace").is_none()
                        && object
                            .get("/Interpolate")
                            .is_none_or(|smooth| smooth == false),
                    "a stencil that is none",
                );
            }
            Some("/Image") => {
                let colours = object["/ColorSpace"].as_str().unwrap_or_default();
                self.expect(
                    ["/DeviceRGB", "/DeviceGray"].contains(&colours),
                    "a picture in other colours than grey and RGB",
                );
            }
            Some("/Form") => {
                let content = self.file.stream(reference).unwrap_or_default();
                self.content(
                    &content,
                    &object["/Resources"],
                    &format!("{place} {reference}"),
                );
            }
            other => self.wrong(format!("{place}: draws {other:?}")),
        }
    }

    /// Every code that is shown belongs to an embedded font and means a character.
    fn shown(&mut self, font: &Value, code: &[u8], place: &str) {
        let key = font.to_string();
        if !self.mappings.contains_key(&key) {
            let mapping = self.font(font);
            self.mappings.insert(key.clone(), mapping);
        }
        let mapping = &self.mappings[&key];
        let lost = code.chunks(2).find(|pair| {
            let code = pair
                .iter()
                .fold(0_u16, |code, byte| (code << 8) | u16::from(*byte));
            let meant = mapping.get(&code).map_or("", String::as_str);
            let is_told =
                !meant.is_empty() && !meant.contains(['\u{0}', '\u{FEFF}', '\u{FFFE}', '\u{FFFD}']);
            code == 0 || !is_told
        });
        if let Some(lost) = lost {
            let problem = format!("{place}: code {lost:?} shows no character");
            self.wrong(problem);
        }
    }

    fn font(&mut self, reference: &Value) -> BTreeMap<u16, String> {
        let font = self.file.get(reference).clone();
        let name = font["/BaseFont"].as_str().unwrap_or_default().to_owned();
        self.expect(
            font["/Subtype"] == "/Type0",
            &format!("{name} is not a composite font"),
        );
        self.expect(
            font["/Encoding"] == "/Identity-H",
            &format!("{name} has another encoding"),
        );
        let inner = self.file.get(&font["/DescendantFonts"])[0].clone();
        let inner = self.file.get(&inner).clone();
        self.expect(
            inner["/BaseFont"] == font["/BaseFont"],
            &format!("{name} has two names"),
        );
        let system = self.file.get(&inner["/CIDSystemInfo"]);
        self.expect(
            system.get("/Ordering").is_some(),
            &format!("{name} has no character collection"),
        );
        let tag = name
            .trim_start_matches('/')
            .split('+')
            .next()
            .unwrap_or_default();
        let is_tagged =
            tag.len() == 6 && tag.chars().all(|ch| ch.is_ascii_uppercase()) && name.contains('+');
        self.expect(is_tagged, &format!("{name} has no subset tag"));
        let descriptor = self.file.get(&inner["/FontDescriptor"]).clone();
        let program = match inner["/Subtype"].as_str() {
            Some("/CIDFontType2") => {
                self.expect(
                    inner.get("/CIDToGIDMap").is_some(),
                    &format!("{name} has no CIDToGIDMap"),
                );
                &descriptor["/FontFile2"]
            }
            _ => {
                let kind = self.file.get(&descriptor["/FontFile3"])["/Subtype"].clone();
                self.expect(
                    kind == "/CIDFontType0C" || kind == "/OpenType",
                    &format!("{name} has no program of its kind"),
                );
                &descriptor["/FontFile3"]
            }
        };
        let is_embedded = self
            .file
            .stream(program)
            .is_some_and(|program| program.len() > 100);
        self.expect(is_embedded, &format!("{name} is not embedded"));
        self.expect(
            descriptor["/FontName"] == font["/BaseFont"],
            &format!("{name} is described under another name"),
        );
        let map = self.file.stream(&font["/ToUnicode"]);
        self.expect(map.is_some(), &format!("{name} has no ToUnicode"));
        content::to_unicode(&map.unwrap_or_default())
    }

    /// Files inside say what they are to the document, and only PDF/A-3 may have them.
    fn files(&mut self, part: u8) {
        let catalog = self.file.catalog().clone();
        let tree = self
            .file
            .get(&self.file.get(&catalog["/Names"])["/EmbeddedFiles"])
            .clone();
        let named: Vec<Value> = tree["/Names"].as_array().cloned().unwrap_or_default();
        let associated: Vec<Value> = self
            .file
            .get(&catalog["/AF"])
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut count = 0;
        self.file
            .each(|dictionary| count += usize::from(dictionary.contains_key("/EF")));
        self.expect(
            count == named.len() / 2,
            "a file inside is not in the name tree",
        );
        self.expect(part == 3 || count == 0, "files inside are for part 3");
        let keys: Vec<&Value> = named.iter().step_by(2).collect();
        self.expect(
            keys.is_sorted_by_key(|key| text(key)),
            "the name tree is not in order",
        );
        for reference in named.iter().skip(1).step_by(2) {
            self.expect(
                associated.contains(reference),
                "a file inside is not associated",
            );
            let file = self.file.get(reference).clone();
            let relation = file["/AFRelationship"].as_str().unwrap_or_default();
            let is_known = [
                "/Source",
                "/Data",
                "/Alternative",
                "/Supplement",
                "/Unspecified",
            ]
            .contains(&relation);
            self.expect(is_known, "a file inside has no relationship");
            self.expect(
                !text(&file["/F"]).is_empty() && !text(&file["/UF"]).is_empty(),
                "a file inside has no name",
            );
            let stream = &self.file.get(&file["/EF"])["/F"];
            let dictionary = self.file.get(stream).clone();
            let kind = dictionary["/Subtype"].as_str().unwrap_or_default();
            self.expect(
                kind.contains('/') && kind.len() > 3,
                "a file inside has no media type",
            );
            let dated = self
                .file
                .get(&dictionary["/Params"])
                .get("/ModDate")
                .is_some();
            self.expect(dated, "a file inside has no date");
        }
    }

    fn outline(&mut self) {
        let catalog = self.file.catalog().clone();
        let root = catalog["/Outlines"].clone();
        let pages: BTreeSet<String> = self
            .file
            .pages()
            .into_iter()
            .map(|(page, _)| page)
            .collect();
        let has_bookmarks = self.file.get(&root).get("/First").is_some();
        self.expect(
            has_bookmarks || root.is_null(),
            "an outline without bookmarks",
        );
        if has_bookmarks {
            self.bookmarks(&root, &pages);
        }
    }

    fn bookmarks(&mut self, parent: &Value, pages: &BTreeSet<String>) {
        let dictionary = self.file.get(parent).clone();
        let mut at = dictionary["/First"].clone();
        let (mut count, mut previous) = (0, Value::Null);
        while at.is_string() && count < 10_000 {
            count += 1;
            let entry = self.file.get(&at).clone();
            self.expect(
                !text(&entry["/Title"]).is_empty(),
                "a bookmark without words",
            );
            self.expect(
                &entry["/Parent"] == parent,
                "a bookmark under another parent",
            );
            self.expect(entry["/Prev"] == previous, "bookmarks are not chained");
            let page = self.file.get(&entry["/Dest"])[0]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            self.expect(pages.contains(&page), "a bookmark leads nowhere");
            if entry.get("/First").is_some() {
                self.bookmarks(&at, pages);
            }
            previous = at;
            at = entry["/Next"].clone();
        }
        self.expect(
            dictionary["/Last"] == previous,
            "the last bookmark is another one",
        );
    }
}

/// The bookmarks of a file, indented by their level.
pub fn bookmarks(file: &File) -> Vec<String> {
    fn walk(file: &File, parent: &Value, depth: usize, into: &mut Vec<String>) {
        let mut at = file.get(parent)["/First"].clone();
        while at.is_string() {
            let entry = file.get(&at);
            into.push(format!("{}{}", "  ".repeat(depth), text(&entry["/Title"])));
            walk(file, &at, depth + 1, into);
            at = entry["/Next"].clone();
        }
    }
    let mut found = Vec::new();
    walk(file, &file.catalog()["/Outlines"], 0, &mut found);
    found
}

/// The files inside, by name.
pub fn attachments(file: &File) -> BTreeMap<String, Vec<u8>> {
    let names = file.get(&file.catalog()["/Names"]);
    let tree = file.get(&names["/EmbeddedFiles"]);
    let named = tree["/Names"].as_array().cloned().unwrap_or_default();
    named
        .chunks(2)
        .map(|pair| {
            let stream = &file.get(&file.get(&pair[1])["/EF"])["/F"];
            (text(&pair[0]), file.stream(stream).unwrap())
        })
        .collect()
}
