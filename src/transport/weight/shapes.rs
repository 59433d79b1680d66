//! What the messages of requests take in memory, type by type, as far as their descriptors tell: the generated structs are as large as
//! their fields, whichever of them are set. Knows no message itself. Start at [`Shapes::of`].

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use std::collections::HashMap;

const ANALYSIS: &str = "dictum.v1.Analysis";
/// A `Vec`, a `String`, a `BTreeMap`.
const HANDLE: usize = 24;
/// What tells whether a message, or which field of a `oneof`, is there.
const TAG: usize = 4;
/// Items for which the first of a list makes room.
const FIRST_OF_LIST: usize = 4;
/// Entries of a node of a tree; the first makes one, and those that come later fill half of theirs.
const NODE_OF_MAP: usize = 11;

/// All types of messages.
#[derive(Debug)]
pub struct Shapes {
    shapes: Vec<Shape>,
    requests: HashMap<String, Request>,
}

/// A type of messages that a method takes.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The place of its shape.
    pub shape: usize,
    /// Whether an analysis may come with it, which is a message of a great many items.
    pub imports: bool,
}

/// A type of messages: its fields, each at its number.
#[derive(Debug)]
pub struct Shape(Vec<Option<Field>>);

/// A field of a message.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// What an item takes beside the message that has it: nothing where that has room for it anyway.
    pub item: usize,
    /// What the first takes beyond that.
    pub first: usize,
    /// What it is made of.
    pub holds: Holds,
}

/// What a field is made of.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// A number, a truth value, a value of an enum.
    Number,
    /// A string, or bytes.
    Text,
    /// A message, of the shape at this place.
    Message(usize),
}

impl Shapes {
    /// The shapes of a pool's messages.
    pub fn of(pool: &DescriptorPool) -> Self {
        let places: HashMap<String, usize> = pool
            .all_messages()
            .enumerate()
            .map(|(at, message)| (message.full_name().to_owned(), at))
            .collect();
        let shapes = pool.all_messages().map(|message| Shape::of(&message, &places)).collect();
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let requests = methods.map(|method| method.input()).filter_map(|input| {
            let name = input.full_name().to_owned();
            let shape = *places.get(&name)?;
            Some((name, Request { shape, imports: holds_an_analysis(&input) }))
        });
        let requests = requests.collect();
        Self { shapes, requests }
    }

    /// The request of this name. Answers are none: whoever asks believes whom it asks.
    pub fn request(&self, full_name: &str) -> Option<Request> {
        self.requests.get(full_name).copied()
    }

    /// The shape at a place that [`Holds`] names.
    pub fn at(&self, place: usize) -> Option<&Shape> {
        self.shapes.get(place)
    }
}

impl Shape {
    fn of(message: &MessageDescriptor, places: &HashMap<String, usize>) -> Self {
        let mut fields = Vec::new();
        for field in message.fields() {
            let number = field.number() as usize;
            fields.resize(fields.len().max(number + 1), None);
            fields[number] = Some(Field::of(&field, places));
        }
        Self(fields)
    }

    /// The field of this number.
    pub fn field(&self, number: u32) -> Option<&Field> {
        self.0.get(number as usize)?.as_ref()
    }
}

impl Field {
    fn of(field: &FieldDescriptor, places: &HashMap<String, usize>) -> Self {
        let holds = match field.kind() {
            Kind::Message(message) => {
                places.get(message.full_name()).map_or(Holds::Number, |at| Holds::Message(*at))
            }
            Kind::String | Kind::Bytes => Holds::Text,
            _ => Holds::Number,
        };
        let value = value_bytes(&field.kind());
        let (item, first) = match (field.is_map(), field.is_list()) {
            (true, _) => (2 * value, (NODE_OF_MAP - 2) * value),
            (_, true) => (value, (FIRST_OF_LIST - 1) * value),
            _ => (0, 0),
        };
        Self { item, first, holds }
    }
}

fn holds_an_analysis(message: &MessageDescriptor) -> bool {
    message.full_name() == ANALYSIS
        || message.fields().any(|field| field.kind().as_message().is_some_and(holds_an_analysis))
}

/// Bytes of the struct of a message. No message of a request holds one of its own type, so that this comes to an end.
pub fn struct_bytes(message: &MessageDescriptor) -> usize {
    let choices = message.oneofs().filter(|choice| !choice.is_synthetic());
    let choices =
        choices.map(|choice| TAG + choice.fields().map(|field| field_bytes(&field)).max().unwrap_or(0));
    let alone = |field: &FieldDescriptor| field.containing_oneof().is_none_or(|choice| choice.is_synthetic());
    let fields = message.fields().filter(alone).map(|field| field_bytes(&field));
    (fields.sum::<usize>() + choices.sum::<usize>()).next_multiple_of(4)
}

/// Bytes of a field within the struct of its message.
fn field_bytes(field: &FieldDescriptor) -> usize {
    match field.kind() {
        _ if field.is_list() || field.is_map() => HANDLE,
        Kind::String | Kind::Bytes => HANDLE,
        kind if field.supports_presence() => TAG + value_bytes(&kind),
        kind => value_bytes(&kind),
    }
}

/// Bytes of a value by itself.
fn value_bytes(kind: &Kind) -> usize {
    match kind {
        Kind::Message(message) => struct_bytes(message),
        Kind::String | Kind::Bytes => HANDLE,
        Kind::Double | Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => 8,
        Kind::Bool => 1,
        _ => 4,
    }
}
