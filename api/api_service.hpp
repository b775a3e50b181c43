// The HTTP service of Factum: finds the route of a request, checks what is common to all routes,
// and hands it to the handler.
#pragma once

#include "api/http.hpp"
#include "api/router.hpp"
#include "core/base/uuid.hpp"

namespace factum::api {

/// Thread rule: safe from any thread. The router must be complete before the first request.
class ApiService final : public HttpService {
 public:
  /// Both outlive the service.
  ApiService(const Router& router, IdSource& ids) : router_(router), ids_(ids) {}

  std::size_t body_bytes_max(std::string_view method, std::string_view path) const override;
  void handle(std::shared_ptr<const HttpRequest> request, Respond respond) override;
  HttpResponse failure(HttpFailure failure) const override;

 private:
  const Router& router_;
  IdSource& ids_;
};

}  // namespace factum::api
