// Pieces that most answers have.
#pragma once

#include "api/http.hpp"
#include "api/router.hpp"
#include "core/es/event_store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

struct Services;

/// 200 with a JSON body.
HttpResponse json_response(std::string body);

/// The problem document of an error, with the id of the call.
HttpResponse refusal(const Error& error, const Call& call);

/// What was made, or the refusal of its error.
HttpResponse response_of(Result<HttpResponse> made, const Call& call);

/// Makes an answer that takes long in the background, so that no connection waits behind it, and
/// gives it on the thread of the call's connection; refuses as overloaded if too many wait.
void respond_later(const Services& services, const std::shared_ptr<const Call>& call,
                   const Respond& respond, std::function<Result<HttpResponse>()> make);

/// Says which position the answer reflects.
void set_position(HttpResponse& response, Position position);

/// A strong entity tag: "\"42\"".
std::string etag_of(Position version);

/// Answers a GET of `etag` with `response`, or 304 if the caller has it already.
HttpResponse with_etag(const Call& call, HttpResponse response, const std::string& etag);

/// Which members an answer shows: those of `fields`, or all. Errors: invalid_argument for a name
/// that the response shape of the route does not have.
Result<std::vector<std::string>> selected_fields(const Call& call);
/// `object` with the selected members only.
std::string select_fields(const std::vector<std::string>& fields, std::string object);

}  // namespace factum::api
