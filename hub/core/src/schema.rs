//! Schemas (OpenAPI 3.1, JSON Schema 2020-12) of what has one textual form, for the document that describes the REST
//! interface. The document itself is the daemon's.

pub use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};

/// Text that is one of these.
pub fn one_of(forms: &[&str]) -> RefOr<Schema> {
    let builder = ObjectBuilder::new().schema_type(Type::String);
    RefOr::T(Schema::Object(builder.enum_values(Some(forms.iter().copied())).build()))
}

/// Text of a format, with an example of it.
pub fn text(format: &str, example: &str) -> RefOr<Schema> {
    let format = SchemaFormat::Custom(format.to_owned());
    let builder = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    RefOr::T(Schema::Object(builder.examples([example]).build()))
}

/// Text of a pattern (ECMA-262), with an example of it.
pub fn pattern(pattern: &str, example: &str) -> RefOr<Schema> {
    let builder = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    RefOr::T(Schema::Object(builder.examples([example]).build()))
}
