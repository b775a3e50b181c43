// Products, orders and returns.
#include "api/routes.hpp"
#include "core/crm/order.hpp"
#include "core/crm/product.hpp"

namespace factum::api {

void add_order_routes(Routes& routes) {
  using namespace crm;
  routes.entity<Product>("/v1/products/{id}");
  routes.command<CreateProduct>("/v1/products");
  routes.command<ChangeProduct>("/v1/products/{id}:change", IfMatch::required);
  routes.command<DiscontinueProduct>("/v1/products/{id}:discontinue");
  routes.command<ReinstateProduct>("/v1/products/{id}:reinstate");

  routes.entity<Order>("/v1/orders/{id}");
  routes.command<PlaceOrder>("/v1/orders");
  routes.command<ConfirmOrder>("/v1/orders/{id}:confirm");
  routes.command<FulfilOrderLines>("/v1/orders/{id}:fulfil_lines");
  routes.command<FulfilOrder>("/v1/orders/{id}:fulfil");
  routes.command<CloseOrder>("/v1/orders/{id}:close");
  routes.command<CancelOrder>("/v1/orders/{id}:cancel");
  routes.command<ReceivePayment>("/v1/orders/{id}:receive_payment");
  routes.command<IssueRefund>("/v1/orders/{id}:refund");
  routes.command<RecordAdjustment>("/v1/orders/{id}:adjust");
  routes.entity<Return>("/v1/returns/{id}");
  routes.command<ReceiveReturn>("/v1/returns");
}

}  // namespace factum::api
