//! `/docs`: the OpenAPI document as a page that can be read without any program.

use askama::Template;
use serde_json::Value;

use super::problem::Code;

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    version: String,
    description: Text,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
    codes: Vec<(&'static str, u16, &'static str, &'static str)>,
}

/// Text with stretches of code: (is code, text).
type Text = Vec<(bool, String)>;

struct Group {
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: Text,
    description: Text,
    parameters: Vec<Field>,
    request: Option<Body>,
    responses: Vec<(String, Text, Option<Kind>)>,
    answer: Option<String>,
}

struct Body {
    kind: Kind,
    example: Option<String>,
}

struct Shape {
    name: String,
    description: Text,
    fields: Vec<Field>,
    values: Vec<String>,
    one_of: Vec<Kind>,
}

struct Field {
    name: String,
    kind: Kind,
    required: bool,
    description: Text,
}

/// A type in words, and the shape that it names.
struct Kind {
    before: String,
    shape: Option<String>,
}

/// The page.
pub(super) fn page(document: &Value) -> String {
    let tags = document["tags"].as_array().cloned().unwrap_or_default();
    let group = |tag: &Value| Group { title: string(&tag["description"]), operations: operations(document, &string(&tag["name"])) };
    let shapes = document["components"]["schemas"].as_object().into_iter().flatten().map(|(name, schema)| shape(name, schema));
    let page = DocsPage {
        version: string(&document["info"]["version"]),
        description: text(&document["info"]["description"]),
        groups: tags.iter().map(group).collect(),
        shapes: shapes.collect(),
        codes: Code::ALL.iter().map(|code| (code.as_str(), code.status().as_u16(), code.title(), code.advice())).collect(),
    };
    page.render().unwrap_or_default()
}

fn operations(document: &Value, tag: &str) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation)));
    let mut list: Vec<Operation> = all
        .filter(|(_, _, o)| o["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag)))
        .map(|(path, method, o)| operation(path, method, o))
        .collect();
    list.sort_by_key(|o| (o.path.len(), o.path.clone()));
    list
}

fn operation(path: &str, method: &str, o: &Value) -> Operation {
    let parameter =
        |p: &Value| Field { name: string(&p["name"]), kind: kind(&p["schema"]), required: p["required"] == true, description: text(&p["description"]) };
    let request = o["requestBody"]["content"].as_object().and_then(|content| content.values().next());
    let responses = o["responses"].as_object().into_iter().flatten().map(|(status, r)| {
        let content = r["content"].as_object().and_then(|content| content.values().next());
        (status.clone(), text(&r["description"]), content.map(|c| kind(&c["schema"])))
    });
    Operation {
        id: string(&o["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&o["summary"]),
        description: text(&o["description"]),
        parameters: o["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        request: request.map(|c| Body { kind: kind(&c["schema"]), example: example(c) }),
        responses: responses.collect(),
        answer: o["responses"]["200"]["content"].as_object().and_then(|content| content.values().next()).and_then(example),
    }
}

fn example(content: &Value) -> Option<String> {
    content.get("example").filter(|example| !example.is_string()).and_then(|example| serde_json::to_string_pretty(example).ok())
}

fn shape(name: &str, schema: &Value) -> Shape {
    // A shape that holds another one whole is written as `allOf`.
    let parts: Vec<&Value> = std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten()).collect();
    let required: Vec<&str> = parts.iter().flat_map(|s| s["required"].as_array().into_iter().flatten()).filter_map(Value::as_str).collect();
    let field = |(name, schema): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(schema),
        required: required.contains(&name.as_str()),
        description: text(&schema["description"]),
    };
    let values = schema["enum"].as_array().into_iter().flatten().chain(schema["oneOf"].as_array().into_iter().flatten().filter_map(|s| s["enum"].get(0)));
    Shape {
        name: name.to_owned(),
        description: text(&schema["description"]),
        fields: parts.iter().flat_map(|s| s["properties"].as_object().into_iter().flatten()).map(field).collect(),
        values: values.map(string).collect(),
        one_of: parts
            .iter()
            .flat_map(|s| s["oneOf"].as_array().into_iter().flatten())
            .chain(schema["allOf"].as_array().into_iter().flatten())
            .filter(|s| s.get("$ref").is_some())
            .map(kind)
            .collect(),
    }
}

fn kind(schema: &Value) -> Kind {
    let just = |text: &str| Kind { before: text.to_owned(), shape: None };
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return Kind { before: String::new(), shape: Some(name.to_owned()) };
    }
    if let Some(only) = schema["oneOf"].as_array().and_then(|list| list.iter().find(|s| s["type"] != "null")) {
        return kind(only);
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    };
    match names.first() {
        Some(&"array") => {
            let of = kind(&schema["items"]);
            Kind { before: format!("list of {}", of.before), shape: of.shape }
        }
        Some(&"object") if schema.get("additionalProperties").is_some() => {
            let of = kind(&schema["additionalProperties"]);
            Kind { before: format!("object of {}", of.before), shape: of.shape }
        }
        Some(&"integer") => just("whole number"),
        Some(&"boolean") => just("true or false"),
        Some(name) => just(name),
        None => just("anything"),
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Stretches between backticks are code.
fn text(value: &Value) -> Text {
    let plain = value.as_str().unwrap_or_default().replace("[`", "`").replace("`]", "`");
    plain.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part.to_owned())).filter(|(_, part)| !part.is_empty()).collect()
}
