// Routes about the service itself: health and explanations of problems.
#include "api/answers.hpp"
#include "api/problem.hpp"
#include "api/routes.hpp"
#include "core/es/json_writer.hpp"
#include "projections/projector.hpp"

#include <algorithm>

namespace factum::api {
namespace {

struct ProblemPage {
  std::string type;
  std::string title;
  std::int64_t status = 0;
  std::string explanation;
  bool retry = false;

  static void describe(FieldVisitor& v, ProblemPage& p) {
    v.shown("type", p.type, "What problem documents of this kind carry as `type`");
    v.shown("title", p.title, "The kind in a few words");
    v.shown("status", p.status, "HTTP status");
    v.shown("explanation", p.explanation, "What it means and what the caller can do");
    v.shown("retry", p.retry, "The same request can succeed later");
  }
};

struct ProblemList {
  std::vector<ProblemPage> data;
  static void describe(FieldVisitor& v, ProblemList& p) {
    v.shown("data", p.data, "Every kind of problem");
  }
};

struct Health {
  std::string status;
  static void describe(FieldVisitor& v, Health& h) {
    v.shown("status", h.status, "pass: the process answers");
  }
};

struct ViewHealth {
  std::string name;
  Position position;
  std::int64_t lag = 0;
  bool serving = false;
  bool rebuilding = false;
  std::string failure;

  static void describe(FieldVisitor& v, ViewHealth& h) {
    v.shown("name", h.name, "The view");
    v.shown("position", h.position, "The last position it shows");
    v.shown("lag", h.lag, "Events it is behind the log");
    v.shown("serving", h.serving, "It answers");
    v.shown("rebuilding", h.rebuilding, "It is being built anew");
    v.shown("failure", h.failure, "Why it stopped; empty = it goes on");
  }
};

struct Readiness {
  std::string status;
  std::string reason;
  Position head;
  std::vector<ViewHealth> views;

  static void describe(FieldVisitor& v, Readiness& r) {
    v.shown("status", r.status, "pass, warn (something is behind or failed) or fail");
    v.shown("reason", r.reason, "Why it is not pass");
    v.shown("head", r.head, "The last position of the log");
    v.shown("views", r.views, "How each view stands");
  }
};

ProblemPage page_of(const ProblemKind& kind) {
  return {"/problems/" + std::string(kind.code), std::string(kind.title), kind.status,
          std::string(kind.explanation), kind.retry};
}

// Fails while the log takes no writes or a view cannot answer; warns while a view is stuck.
Readiness readiness(const Services& services) {
  Readiness ready{"pass", "", services.store.head(), {}};
  for (const projections::ViewStatus& view : services.projector.status()) {
    const std::uint64_t behind =
        ready.head.value() - std::min(ready.head.value(), view.position.value());
    ready.views.push_back({view.name, view.position, static_cast<std::int64_t>(behind),
                           view.serving, view.rebuilding, view.failure});
    if (!view.failure.empty() && ready.status == "pass") {
      ready.status = "warn";
      ready.reason = "the view " + view.name + " has stopped";
    }
    if (!view.serving) {
      ready.status = "fail";
      ready.reason = "the view " + view.name + " is being built";
    }
  }
  if (const auto note = services.audit.checkpoint(); !note && ready.status == "pass") {
    ready.status = "warn";
    ready.reason = note.error().message;
  }
  if (const StoreHealth health = services.store.health(); !health.writable) {
    ready.status = "fail";
    ready.reason = health.reason;
  }
  return ready;
}

template <class T>
Route service_route(std::string pattern, std::string operation, std::string summary) {
  Route route = make_route("GET", std::move(pattern));
  route.operation = std::move(operation);
  route.summary = std::move(summary);
  route.response = shape_of<T>();
  route.area = "service";
  route.permission = "public";
  return route;
}

void add_problem_routes(Routes& routes) {
  Route one = service_route<ProblemPage>("/problems/{code}", "explain_problem",
                                         "What a kind of problem means");
  one.handler = [](const std::shared_ptr<const Call>& call, const Respond& respond) {
    for (const ProblemKind* kind : problem_kinds()) {
      if (kind->code == call->path_values.front())
        return respond(json_response(to_json(page_of(*kind))));
    }
    respond(refusal({ErrorCode::not_found, "there is no such kind of problem", {}, {}, 0}, *call));
  };
  routes.add(std::move(one));
  Route all = service_route<ProblemList>("/problems", "list_problems", "Every kind of problem");
  all.handler = [](const std::shared_ptr<const Call>&, const Respond& respond) {
    ProblemList list;
    for (const ProblemKind* kind : problem_kinds()) list.data.push_back(page_of(*kind));
    respond(json_response(to_json(list)));
  };
  routes.add(std::move(all));
}

}  // namespace

void add_service_routes(Routes& routes) {
  Route live = service_route<Health>("/livez", "livez", "Whether the process answers");
  live.handler = [](const std::shared_ptr<const Call>&, const Respond& respond) {
    respond(json_response(to_json(Health{"pass"})));
  };
  routes.add(std::move(live));
  Route ready = service_route<Readiness>("/readyz", "readyz",
                                         "Whether writes are taken and views answer, and the lag");
  ready.handler = [&services = routes.services()](const std::shared_ptr<const Call>&,
                                                  const Respond& respond) {
    const Readiness state = readiness(services);
    HttpResponse response = json_response(to_json(state));
    if (state.status == "fail") {
      response.status = 503;
      response.set("Retry-After", "1");
    }
    set_position(response, state.head);
    respond(std::move(response));
  };
  routes.add(std::move(ready));
  add_problem_routes(routes);
}

}  // namespace factum::api
