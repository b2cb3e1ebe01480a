//! One operation, described in a line or two: what it takes and what it answers. What all have in common is added here.

use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, Ref, RefOr, Required, ResponseBuilder, ResponsesBuilder, Schema,
        header::HeaderBuilder,
        path::{OperationBuilder, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::{ObjectBuilder, SchemaFormat, Type},
        security::SecurityRequirement,
    },
};
use xswarm_core::{admin::Problem, schema};

/// The header that names a version.
pub(super) const ETAG: (&str, &str) = ("ETag", "The version, in quotes.");

/// The header that leads on.
pub(super) const LINK: (&str, &str) = ("Link", "The next page, with `rel=\"next\"` (RFC 8288).");

/// Named schemas, as the document's components.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// How a type gets into the document: its name, and itself with what it is made of.
type Named = (fn() -> String, fn(&mut Schemas));

/// An operation to be described.
pub(super) struct Operation {
    method: HttpMethod,
    path: &'static str,
    tag: &'static str,
    summary: &'static str,
    more: Option<&'static str>,
    parameters: Vec<ParameterBuilder>,
    body: Option<Named>,
    body_optional: bool,
    body_media_type: &'static str,
    answers: Vec<Answer>,
    problems: Vec<(u16, &'static str)>,
    open: bool,
    path_schema: Option<RefOr<Schema>>,
}

/// A good answer.
struct Answer {
    status: u16,
    media_types: &'static [&'static str],
    schema: Option<Named>,
    headers: &'static [(&'static str, &'static str)],
}

fn named<T: ToSchema + 'static>() -> Named {
    (
        || T::name().into_owned(),
        |schemas| {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        },
    )
}

/// A family of operations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family(pub(super) &'static str);

impl Family {
    pub(super) fn get(self, path: &'static str, summary: &'static str) -> Operation {
        self.operation(HttpMethod::Get, path, summary)
    }

    pub(super) fn post(self, path: &'static str, summary: &'static str) -> Operation {
        self.operation(HttpMethod::Post, path, summary)
    }

    pub(super) fn put(self, path: &'static str, summary: &'static str) -> Operation {
        self.operation(HttpMethod::Put, path, summary)
    }

    pub(super) fn delete(self, path: &'static str, summary: &'static str) -> Operation {
        self.operation(HttpMethod::Delete, path, summary)
    }

    fn operation(self, method: HttpMethod, path: &'static str, summary: &'static str) -> Operation {
        Operation {
            method,
            path,
            tag: self.0,
            summary,
            more: None,
            parameters: Vec::new(),
            body: None,
            body_optional: false,
            body_media_type: "application/json",
            answers: Vec::new(),
            problems: Vec::new(),
            open: false,
            path_schema: None,
        }
    }
}

/// Text that is an id.
pub(super) fn id() -> RefOr<Schema> {
    schema::text("uuid", "01a20b94-93bb-730b-bd09-184bd3245a9c")
}

/// A day.
pub(super) fn day() -> RefOr<Schema> {
    schema::text("date", "2026-12-01")
}

/// Any text.
pub(super) fn text() -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).build()))
}

/// A whole number within bounds.
pub(super) fn number(least: i64, most: i64) -> RefOr<Schema> {
    let builder = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::Custom("int64".into())));
    RefOr::T(Schema::Object(builder.minimum(Some(least)).maximum(Some(most)).build()))
}

/// True or false.
pub(super) fn yes_or_no() -> RefOr<Schema> {
    RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Boolean).build()))
}

impl Operation {
    /// More than the summary says.
    pub(super) fn more(mut self, words: &'static str) -> Self {
        self.more = Some(words);
        self
    }

    /// A parameter of the query string.
    pub(super) fn query(mut self, name: &'static str, schema: RefOr<Schema>, words: &'static str) -> Self {
        let builder = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False);
        self.parameters.push(builder.description(Some(words)).schema(Some(schema)));
        self
    }

    /// The parameter that says whose things are meant.
    pub(super) fn of_person(self) -> Self {
        self.query("user_id", id(), "Whose; the caller's when absent.")
    }

    /// A header that may be sent.
    pub(super) fn header(mut self, name: &'static str, words: &'static str) -> Self {
        let builder = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
        self.parameters.push(builder.description(Some(words)).schema(Some(text())));
        self
    }

    /// A page of a long answer.
    pub(super) fn page(self, words: &'static str) -> Self {
        self.query("limit", number(1, 1_000), words).query("cursor", text(), "Where the page begins: `next_cursor`.")
    }

    /// A change that may be bound to a version.
    pub(super) fn if_match(self) -> Self {
        self.header("If-Match", "Only if it is still of this version: an ETag.")
            .refuses(412, "It has been changed since the version in If-Match.")
    }

    /// An answer that may be spared when its version is known.
    pub(super) fn if_none_match(self) -> Self {
        self.header("If-None-Match", "Only if it is of another version: an ETag.").answers_as(304, &[]).with(&[ETAG])
    }

    /// A JSON body.
    pub(super) fn body<T: ToSchema + 'static>(mut self) -> Self {
        self.body = Some(named::<T>());
        self
    }

    /// A JSON body that may be missing.
    pub(super) fn optional_body<T: ToSchema + 'static>(mut self) -> Self {
        self.body_optional = true;
        self.body::<T>()
    }

    /// A body of another media type.
    pub(super) fn body_as(mut self, media_type: &'static str) -> Self {
        self.body_media_type = media_type;
        self.body::<String>()
    }

    /// A JSON answer.
    pub(super) fn answers<T: ToSchema + 'static>(mut self, status: u16) -> Self {
        let schema = Some(named::<T>());
        self.answers.push(Answer { status, media_types: &["application/json"], schema, headers: &[] });
        self
    }

    /// An answer of other media types, or none.
    pub(super) fn answers_as(mut self, status: u16, media_types: &'static [&'static str]) -> Self {
        self.answers.push(Answer { status, media_types, schema: None, headers: &[] });
        self
    }

    /// Headers of the answer just described.
    pub(super) fn with(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers = headers;
        }
        self
    }

    /// A refusal of its own.
    pub(super) fn refuses(mut self, status: u16, words: &'static str) -> Self {
        self.problems.push((status, words));
        self
    }

    /// What stands in the path, when it is neither an id nor any text.
    pub(super) fn path_of(mut self, schema: RefOr<Schema>) -> Self {
        self.path_schema = Some(schema);
        self
    }

    /// No key is needed.
    pub(super) fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Path, method and description; the types it speaks of are added to `schemas`.
    pub(super) fn described(self, schemas: &mut Schemas) -> (String, HttpMethod, utoipa::openapi::path::Operation) {
        let mut reference = |(name, add): Named| {
            add(schemas);
            RefOr::<Schema>::Ref(Ref::from_schema_name(name()))
        };
        let mut builder = OperationBuilder::new()
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(self.more)
            .operation_id(Some(operation_id(&self.method, self.path)));
        for name in placeholders(self.path) {
            let schema = if let Some(schema) = &self.path_schema {
                schema.clone()
            } else if name == "item" || (name == "id" && !self.path.starts_with("/api/jobs/")) {
                id()
            } else if name == "id" {
                number(i64::MIN, i64::MAX)
            } else {
                text()
            };
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
            builder = builder.parameter(parameter.required(Required::True).schema(Some(schema)));
        }
        for parameter in self.parameters {
            builder = builder.parameter(parameter);
        }
        let takes_a_body = self.body.is_some();
        if let Some(body) = self.body {
            let required = if self.body_optional { Required::False } else { Required::True };
            let content = ContentBuilder::new().schema(Some(reference(body))).build();
            let body = RequestBodyBuilder::new().content(self.body_media_type, content).required(Some(required));
            builder = builder.request_body(Some(body.build()));
        }
        let mut responses = ResponsesBuilder::new();
        for answer in self.answers {
            let mut response = ResponseBuilder::new().description(good(answer.status));
            let schema = answer.schema.map_or_else(text, &mut reference);
            for media_type in answer.media_types {
                let content = ContentBuilder::new().schema(Some(schema.clone())).build();
                response = response.content(*media_type, content);
            }
            for (name, words) in answer.headers {
                response =
                    response.header(*name, HeaderBuilder::new().schema(Some(text())).description(Some(*words)).build());
            }
            responses = responses.response(answer.status.to_string(), response.build());
        }
        let problem = reference(named::<Problem>());
        let common: &[(u16, &str)] = if self.open { &[(405, NOT_ALLOWED)] } else { &COMMON };
        let of_bodies: &[(u16, &str)] = if takes_a_body { &OF_BODIES } else { &[] };
        for (status, words) in common.iter().chain(of_bodies).chain(&self.problems) {
            let example = json!({ "type": "about:blank", "title": "…", "status": status, "detail": words });
            let content = ContentBuilder::new().schema(Some(problem.clone())).example(Some(example)).build();
            let mut response = ResponseBuilder::new().description(*words).content("application/problem+json", content);
            if *status == 401 {
                let header = HeaderBuilder::new().schema(Some(text())).description(Some("Always `Bearer`.")).build();
                response = response.header("WWW-Authenticate", header);
            }
            responses = responses.response(status.to_string(), response.build());
        }
        if self.open {
            builder = builder.security(SecurityRequirement::default());
        }
        (self.path.to_owned(), self.method, builder.responses(responses.build()).build())
    }
}

const NOT_ALLOWED: &str = "This method does nothing here; the header Allow names those that do.";

/// What every operation may answer.
const COMMON: [(u16, &str); 6] = [
    (400, "The request is wrong: it says in which part."),
    (401, "The key is missing, unknown or revoked."),
    (404, "There is no such thing, or it is not yours."),
    (405, NOT_ALLOWED),
    (500, "A fault of ours; the hub's log says more. Nothing was confirmed."),
    (503, "Something needed is out of reach for now; try again."),
];

/// What operations that take a body may answer besides.
const OF_BODIES: [(u16, &str); 3] = [
    (409, "The request contradicts how things are."),
    (413, "The body is too large: JSON may have 256 KiB, a calendar file 4 MiB."),
    (415, "The body is not JSON."),
];

fn good(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It will be done.",
        304 => "You have this version.",
        _ => "Here it is, or it was done.",
    }
}

/// What stands in braces in a path.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// `get_users_id_conventions`.
fn operation_id(method: &HttpMethod, path: &str) -> String {
    let method = match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Delete => "delete",
        HttpMethod::Options | HttpMethod::Head | HttpMethod::Patch | HttpMethod::Trace => "other",
    };
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty() && *word != "api");
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}
