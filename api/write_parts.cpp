#include "api/write_parts.hpp"

#include "api/actor.hpp"
#include "api/answers.hpp"
#include "api/request_options.hpp"
#include "projections/projector.hpp"

namespace factum::api {

Result<CommandMeta> write_meta(const Services& services, const Call& call) {
  const HttpRequest& request = *call.request;
  CommandMeta meta;
  FACTUM_TRY(meta.actor, acting_user(request, services));
  FACTUM_TRY(meta.idempotency_key, idempotency_key(request));
  meta.correlation_id = call.request_id;
  meta.request_fingerprint = request.method + " " + request.path + "\n" + request.body;
  return meta;
}

void await_views(const Services& services, const std::shared_ptr<const Call>& call,
                 Position position, std::function<void(std::vector<std::string> behind)> on_done) {
  services.projector.wait_for(
      position, services.view_wait_max,
      [call, on_done = std::move(on_done)](projections::WaitOutcome waited) {
        call->request->post([on_done, behind = std::move(waited.behind)] { on_done(behind); });
      });
}

void finish_write(HttpResponse& response, const Call& call, Position position, bool replayed,
                  const std::vector<std::string>& behind) {
  set_position(response, position);
  if (replayed) response.set("Idempotency-Replayed", "true");
  if (!behind.empty()) {
    std::string names;
    for (const std::string& name : behind) names += (names.empty() ? "" : ", ") + name;
    response.set("Warning", "199 factum \"recorded, but these views are behind: " + names + "\"");
  }
  if (!prefers(*call.request, "return=minimal")) return;
  response.body.clear();
  response.set("Preference-Applied", "return=minimal");
  if (response.status == 200) response.status = 204;
}

}  // namespace factum::api
