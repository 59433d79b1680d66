//! Signatures of tokens, checked by `ring`: the cryptography that the service's TLS brings along. The crate that takes
//! tokens apart asks the process for a provider; this is one that only checks, and knows no shared secrets.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result, new_error};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{self as by, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this the process's provider, unless there is one.
pub fn install() {
    // A second time, or after somebody else's: either way there is one.
    let _ = PROVIDER.install_default();
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if key.family() != algorithm.family() {
        return Err(new_error(ErrorKind::InvalidAlgorithm));
    }
    let scheme = Scheme::of(*algorithm).ok_or_else(|| new_error(ErrorKind::UnsupportedAlgorithm))?;
    Ok(Box::new(RingVerifier { algorithm: *algorithm, scheme, key: key.clone() }))
}

/// How a signature is checked.
enum Scheme {
    Rsa(&'static RsaParameters),
    Curve(&'static dyn by::VerificationAlgorithm),
}

impl Scheme {
    fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::RS256 => Self::Rsa(&by::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RS384 => Self::Rsa(&by::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RS512 => Self::Rsa(&by::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::PS256 => Self::Rsa(&by::RSA_PSS_2048_8192_SHA256),
            Algorithm::PS384 => Self::Rsa(&by::RSA_PSS_2048_8192_SHA384),
            Algorithm::PS512 => Self::Rsa(&by::RSA_PSS_2048_8192_SHA512),
            Algorithm::ES256 => Self::Curve(&by::ECDSA_P256_SHA256_FIXED),
            Algorithm::ES384 => Self::Curve(&by::ECDSA_P384_SHA384_FIXED),
            Algorithm::EdDSA => Self::Curve(&by::ED25519),
            _ => return None,
        })
    }
}

struct RingVerifier {
    algorithm: Algorithm,
    scheme: Scheme,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        match (&self.scheme, self.key.kind()) {
            (Scheme::Rsa(scheme), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(scheme, message, signature).map_err(|_| Error::new())
            }
            (Scheme::Curve(scheme), DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(*scheme, point).verify(message, signature).map_err(|_| Error::new())
            }
            _ => Err(Error::new()),
        }
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
