// The HTTP service of Factum: finds the route of a request, checks what is common to all routes,
// and hands it to the handler.
#pragma once

#include "api/http.hpp"
#include "api/router.hpp"
#include "core/base/uuid.hpp"

#include <string>
#include <utility>
#include <vector>

namespace factum::api {

/// Thread rule: safe from any thread. The router must be complete before the first request.
class ApiService final : public HttpService {
 public:
  /// Router and ids outlive the service. It answers to `hosts` only; empty = to any.
  ApiService(const Router& router, IdSource& ids, std::vector<std::string> hosts)
      : router_(router), ids_(ids), hosts_(std::move(hosts)) {}

  Admission admit(const HttpRequest& head) const override;
  void handle(std::shared_ptr<const HttpRequest> request, Respond respond) override;
  HttpResponse failure(HttpFailure failure) const override;

 private:
  const Router& router_;
  IdSource& ids_;
  const std::vector<std::string> hosts_;
};

}  // namespace factum::api
