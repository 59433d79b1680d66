//! Why somebody is nobody. What the client may read is one of a few answers, alike for a key that is unknown, wrong or
//! revoked; what the log of decisions may say beside is kept apart, and never holds a part of a secret.

/// What the client is told, as UNAUTHENTICATED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// Nothing was shown.
    #[error("this service asks who calls: send `authorization: Bearer KEY`")]
    Missing,
    /// More than one header came; which one a proxy looked at cannot be known.
    #[error("more than one authorization header was sent")]
    Ambiguous,
    /// What came has the form of no credential.
    #[error("the authorization header holds neither a key nor a token: send `authorization: Bearer KEY`")]
    Malformed,
    /// The credential is none of those that count here.
    #[error("the credential is not accepted")]
    Refused,
    /// The credential was right and its time is over.
    #[error("the credential has expired")]
    Expired,
}

impl Unauthenticated {
    /// For programs: UPPER_SNAKE_CASE.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "CREDENTIAL_MISSING",
            Self::Ambiguous => "CREDENTIAL_AMBIGUOUS",
            Self::Malformed => "CREDENTIAL_MALFORMED",
            Self::Refused => "CREDENTIAL_REFUSED",
            Self::Expired => "CREDENTIAL_EXPIRED",
        }
    }
}

/// An answer to the client, and what only those who run the service may read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{answer}")]
pub struct Rejection {
    /// What the client is told.
    pub answer: Unauthenticated,
    /// Why, for the log of decisions: `the key is revoked`.
    pub cause: &'static str,
    /// Which key it claimed to be, where it had the form of one. Whoever has only guessed an id may stand behind it.
    pub claimed: Option<Box<str>>,
}

impl Rejection {
    /// Without a claim.
    pub(super) fn new(answer: Unauthenticated, cause: &'static str) -> Self {
        Self { answer, cause, claimed: None }
    }

    /// Of a credential of good form.
    pub(super) fn refused(cause: &'static str) -> Self {
        Self::new(Unauthenticated::Refused, cause)
    }

    /// Adds the id of the key that it claimed to be.
    pub(super) fn claiming(mut self, id: &str) -> Self {
        self.claimed = Some(id.into());
        self
    }
}
