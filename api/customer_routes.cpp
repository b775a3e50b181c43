// Customers.
#include "api/routes.hpp"
#include "core/crm/customer.hpp"

namespace factum::api {

void add_customer_routes(Routes& routes) {
  using namespace crm;
  routes.entity<Customer>("/v1/customers/{id}");
  routes.command<RegisterCustomer>("/v1/customers");
  routes.command<ChangeCustomerDetails>("/v1/customers/{id}:change", IfMatch::required);
  routes.command<LinkCustomerExternalId>("/v1/customers/{id}:link_external_id");
  routes.command<AddCustomerContactPoint>("/v1/customers/{id}:add_contact_point");
  routes.command<RemoveCustomerContactPoint>("/v1/customers/{id}:remove_contact_point");
  routes.command<AssignCustomerOwner>("/v1/customers/{id}:assign_owner", IfMatch::required);
  routes.command<ChangeCustomerParent>("/v1/customers/{id}:change_parent", IfMatch::required);
  routes.command<ChangeLifecycleStage>("/v1/customers/{id}:change_lifecycle_stage");
  routes.command<ApplyTag>("/v1/customers/{id}:apply_tag");
  routes.command<RemoveTag>("/v1/customers/{id}:remove_tag");
  routes.command<ArchiveCustomer>("/v1/customers/{id}:archive");
  routes.command<RestoreCustomer>("/v1/customers/{id}:restore");
}

}  // namespace factum::api
