//! Which entity to show, how much of it, and what goes with it.

use super::analysis::rendering;
use super::{Violations, facets, query, time};
use crate::domain::facet::Interval;
use crate::domain::ids::EntityName;
use crate::domain::related::RelatedOrder;
use crate::engine::{Position, ProfileRequest, RelatedRequest};
use crate::transport::status::Failure;
use crate::transport::to_proto::analysis::Rendering;
use crate::transport::wire;

/// Most examples of a related entity.
const MAX_EXAMPLES: i32 = 3;

/// How much of an entity is asked for.
pub enum Asked {
    /// Names, roles and counts.
    Basic(EntityName),
    /// A profile as well, its quotes rendered in this way.
    Profile(ProfileRequest, Rendering),
}

/// The entity to give, and how much of it.
pub fn get_request(request: &wire::GetEntityRequest, at_least: Option<Position>) -> Result<Asked, Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("name", EntityName::parse(&request.name));
    let is_full = match wire::EntityView::try_from(request.view) {
        Ok(wire::EntityView::Unspecified | wire::EntityView::Basic) => false,
        Ok(wire::EntityView::Full) => true,
        Err(_) => {
            violations.add("view", format!("{} is no EntityView", request.view));
            false
        }
    };
    let interval = match request.interval {
        0 => Some(Interval::Year),
        interval => facets::interval(&mut violations, "interval", interval),
    };
    let values = facets::values(&mut violations, "limit", request.limit);
    let rendering = rendering(&mut violations, &request.offset_encodings, false);
    let asked = name.zip(interval).map(|(name, interval)| match is_full {
        true => Asked::Profile(ProfileRequest { name, interval, values, at_least }, rendering),
        false => Asked::Basic(name),
    });
    violations.finish(asked)
}

/// What goes with which entity.
pub fn related_request(
    request: wire::ListRelatedEntitiesRequest,
    at_least: Option<Position>,
) -> Result<(RelatedRequest, Rendering), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("parent", EntityName::parse(&request.parent));
    let types = query::enums(&mut violations, "types", &request.types, query::entity_type);
    let published = time::range(&mut violations, "published", request.published);
    let order = match wire::RelatedOrder::try_from(request.order) {
        Ok(wire::RelatedOrder::Unspecified | wire::RelatedOrder::Association) => RelatedOrder::Association,
        Ok(wire::RelatedOrder::DocumentCount) => RelatedOrder::Documents,
        Err(_) => {
            violations.add("order", format!("{} is no RelatedOrder", request.order));
            RelatedOrder::Association
        }
    };
    let most = facets::values(&mut violations, "limit", request.limit);
    let fits = (0..=MAX_EXAMPLES).contains(&request.example_limit);
    violations.require(fits, "example_limit", format!("must lie between 0 and {MAX_EXAMPLES}"));
    // Negative ones are refused.
    let examples = request.example_limit.unsigned_abs() as usize;
    let rendering = rendering(&mut violations, &request.offset_encodings, false);
    let asked = name.map(|name| RelatedRequest { name, types, published, order, most, examples, at_least });
    violations.finish(asked.map(|asked| (asked, rendering)))
}
