//! Who is calling: the admin socket's peer, or the owner of an API key. Handlers ask this, never the headers.
//!
//! What a member may not see does not exist for them: the answer is 404, not 403.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use xswarm_core::{
    id::{KeyId, UserId},
    user::Role,
};
use xswarm_store::{Rows, Store};

use crate::{
    clock::Clock,
    error::{Error, problem},
};

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The person, when the way in tells; the admin socket speaks for the first admin.
    pub(crate) user: Option<UserId>,
    /// What they may do.
    pub(crate) role: Role,
    /// The key that they showed.
    pub(crate) key: Option<KeyId>,
}

impl Caller {
    /// Whoever may open the admin socket administers the box.
    pub(crate) const SOCKET: Self = Self { user: None, role: Role::Admin, key: None };

    /// Only admins get on from here.
    pub(crate) fn admin(self) -> Result<Self, Error> {
        match self.role {
            Role::Admin => Ok(self),
            Role::Member => Err(Error::not_found("there is nothing here for you")),
        }
    }

    /// Only who may see this person's things gets on from here.
    pub(crate) fn may_see(self, user: Option<UserId>) -> Result<Self, Error> {
        match self.role {
            Role::Admin => Ok(self),
            Role::Member if user.is_some() && user == self.user => Ok(self),
            Role::Member => Err(Error::not_found("there is no such thing, or it is not yours")),
        }
    }

    /// The same caller as the database knows them now; `None` when their key was revoked or they were removed. For
    /// whoever stays longer than one request.
    pub(crate) fn again(self, rows: &Rows<'_>) -> Result<Option<Self>, Error> {
        let Some(key) = self.key else { return Ok(Some(self)) };
        let user = rows.key_user(key)?.map_or(Ok(None), |user| rows.user(user))?;
        Ok(user.map(|user| Self { user: Some(user.id), role: user.role, key: Some(key) }))
    }

    /// The person that a request is about: the one it names, else the caller, else the first admin.
    pub(crate) async fn about(self, named: Option<UserId>, store: &Store) -> Result<UserId, Error> {
        let user = if let Some(user) = named.or(self.user) {
            user
        } else {
            let admin = store.read(|rows| rows.user_first_admin().map_err(Error::from)).await?;
            admin.ok_or_else(|| Error::not_found("there is no admin: add one with `xswarm user add --admin`"))?.id
        };
        self.may_see(Some(user))?;
        Ok(user)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let caller = parts.extensions.get::<Self>().copied();
        caller.ok_or_else(|| Error::internal("a route was served without asking who calls"))
    }
}

/// For the admin socket: everybody who got this far is an admin.
pub(crate) async fn from_socket(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Caller::SOCKET);
    next.run(request).await
}

/// For the LAN: `Authorization: Bearer <key>`.
pub(crate) async fn from_key(
    State((store, clock)): State<(Arc<Store>, Clock)>,
    mut request: Request,
    next: Next,
) -> Response {
    let presented = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(key) = presented.and_then(|value| value.strip_prefix("Bearer ")).map(|key| key.trim().to_owned()) else {
        return unauthorized("an API key is needed: `Authorization: Bearer …` (make one with `xswarm key create`)");
    };
    match owner(&store, key, clock.now()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => unauthorized("this API key is not known, or was revoked"),
        Err(error) => error.into_response(),
    }
}

async fn owner(store: &Store, key: String, now: DateTime<Utc>) -> Result<Option<Caller>, Error> {
    let found = store
        .read(move |rows| {
            let Some((id, user, note)) = rows.key_owner(&key, now)? else { return Ok(None) };
            Ok::<_, Error>(rows.user(user)?.map(|user| (id, user, note)))
        })
        .await?;
    let Some((id, user, note)) = found else { return Ok(None) };
    if note {
        store.write(move |tx| tx.key_used(id, now).map_err(Error::from)).await?;
    }
    Ok(Some(Caller { user: Some(user.id), role: user.role, key: Some(id) }))
}

/// The answer to whoever has no key for what they want.
pub(super) fn unauthorized(detail: &str) -> Response {
    let mut response = problem(StatusCode::UNAUTHORIZED, "Not signed in", detail);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
