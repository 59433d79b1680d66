//! Weighs a request before it is decoded. An item of two bytes on the wire, a quote of which nothing is set, can take hundreds in
//! memory, and a message is let in by its bytes. So its items are counted first, over the wire format, without a copy and without
//! reading a text, and it is refused at the item with which it takes more than its length allows. What is malformed is left to
//! the decoder, which comes no further than the walk does. Refuses to know what any field means. Start at [`check`].

mod shapes;

use super::status::Failure;
use super::wire::DESCRIPTORS;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Name};
use shapes::{Field, Holds, Shapes};
use std::sync::LazyLock;
use tonic::Code;

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::of(&DESCRIPTORS));

/// How many times its length a short message may take in memory. An imported quote that has what it must and no more takes up to 31
/// times its length, one with all fields 18 times, a mention five times.
const MOST_TIMES: usize = 32;
/// What any message may take: the first item of a list makes room for others.
const LEAST_ROOM: usize = 64 << 10;
/// What a long one may take that can come with an analysis. The 100,000 quotes that one may have take 56 MB where they are as short as
/// they can be; a message of 24 MiB of those with all fields stays within this.
const OF_IMPORTS: Allowance = Allowance { first: 64 << 20, times: 16 };
/// What other long ones may: they are long by their texts.
const OF_OTHERS: Allowance = Allowance { first: 4 << 20, times: 2 };
/// What the allocator adds to a text.
const TEXT_OVERHEAD: usize = 24;

/// What a long message may take in memory: so many times its length, and something before that.
struct Allowance {
    first: usize,
    times: usize,
}

/// Whether a message of this type may be decoded.
///
/// # Errors
/// Where it has more items than its length allows.
pub fn check<M: Name>(bytes: &[u8]) -> Result<(), Failure> {
    let Some(request) = SHAPES.request(&M::full_name()) else { return Ok(()) };
    let room = room(bytes.len(), if request.imports { &OF_IMPORTS } else { &OF_OTHERS });
    match (Walk { rest: bytes, room }).message(request.shape, 0) {
        Err(Stop::TooMuch) => Err(too_many_items(bytes.len(), room)),
        Ok(()) | Err(Stop::Malformed) => Ok(()),
    }
}

/// Bytes that a message of this length may take in memory.
fn room(length: usize, of_long: &Allowance) -> usize {
    let of_short = length.saturating_mul(MOST_TIMES).saturating_add(LEAST_ROOM);
    of_short.min(length.saturating_mul(of_long.times).saturating_add(of_long.first))
}

fn too_many_items(length: usize, room: usize) -> Failure {
    let message = format!(
        "the message has more items than its length allows: its {length} bytes would take more than {room} in memory"
    );
    Failure::new(Code::OutOfRange, "MESSAGE_TOO_LARGE", message)
        .with("bytes", length.to_string())
        .with("limit", room.to_string())
}

/// A message that is walked, and what is left of it and its room.
struct Walk<'m> {
    rest: &'m [u8],
    room: usize,
}

/// Why a walk ends early.
#[derive(Debug, PartialEq, Eq)]
enum Stop {
    TooMuch,
    Malformed,
}

impl From<DecodeError> for Stop {
    fn from(_: DecodeError) -> Self {
        Self::Malformed
    }
}

impl Walk<'_> {
    /// Goes over a message of the shape at this place, whose end is where `left` bytes are left. Goes no deeper than the types do: none
    /// holds itself.
    fn message(&mut self, shape: usize, left: usize) -> Result<(), Stop> {
        let shape = SHAPES.at(shape).ok_or(Stop::Malformed)?;
        // By the number of the field; those that share a bit have their first item counted as another one.
        let mut seen = 0_u64;
        while self.rest.len() > left {
            let (number, wire_type) = decode_key(&mut self.rest)?;
            let Some(field) = shape.field(number) else {
                skip_field(wire_type, number, &mut self.rest, DecodeContext::default())?;
                continue;
            };
            let bit = 1 << (number % u64::BITS);
            if seen & bit == 0 {
                seen |= bit;
                self.take(field.first)?;
            }
            self.field(field, wire_type, number)?;
        }
        // The decoder goes on beyond the end of a message in a field that does, and then notices.
        if self.rest.len() == left { Ok(()) } else { Err(Stop::Malformed) }
    }

    fn field(&mut self, field: &Field, wire_type: WireType, number: u32) -> Result<(), Stop> {
        if wire_type != WireType::LengthDelimited {
            self.take(field.item)?;
            return Ok(skip_field(wire_type, number, &mut self.rest, DecodeContext::default())?);
        }
        let length = usize::try_from(decode_varint(&mut self.rest)?).map_err(|_| Stop::Malformed)?;
        let left = self.rest.len().checked_sub(length).ok_or(Stop::Malformed)?;
        match field.holds {
            Holds::Message(place) => {
                self.take(field.item)?;
                return self.message(place, left);
            }
            Holds::Text if length == 0 => self.take(field.item)?,
            Holds::Text => self.take(field.item + TEXT_OVERHEAD + length)?,
            // Packed: each takes a byte at least.
            Holds::Number => self.take(field.item.saturating_mul(length))?,
        }
        self.rest = &self.rest[length..];
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<(), Stop> {
        self.room = self.room.checked_sub(bytes).ok_or(Stop::TooMuch)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
