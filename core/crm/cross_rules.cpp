#include "core/crm/cross_rules.hpp"

#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/order.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/product.hpp"
#include "core/crm/ticket.hpp"

namespace factum::crm {

const std::vector<CrossRule>& cross_rules() {
  using enum CrossRuleGuard;
  static const std::vector<CrossRule> kRules = {
      {rules::kContactEmailTaken, claim},
      {rules::kCustomerEmailTaken, claim},
      {rules::kCustomerExternalIdTaken, claim},
      {rules::kOrderNumberTaken, claim},
      {rules::kProductSkuTaken, claim},
      {rules::kAdjustmentUnknownCustomer, condition},
      {rules::kAdjustmentArchivedCustomer, condition},
      {rules::kContactUnknownCustomer, condition},
      {rules::kContactArchivedCustomer, condition},
      {rules::kCustomerParentCycle, condition},
      {rules::kCustomerUnknownOwner, condition},
      {rules::kCustomerInactiveOwner, condition},
      {rules::kDealUnknownCustomer, condition},
      {rules::kDealArchivedCustomer, condition},
      {rules::kDealInactiveOwner, condition},
      {rules::kDealRetiredPipeline, condition},
      {rules::kDealDiscontinuedProduct, condition},
      {rules::kOrderUnknownCustomer, condition},
      {rules::kOrderArchivedCustomer, condition},
      {rules::kOrderInactiveOwner, condition},
      {rules::kOrderDiscontinuedProduct, condition},
      {rules::kReturnUnknownCustomer, condition},
      {rules::kReturnArchivedCustomer, condition},
      {rules::kTeamInactiveLead, condition},
      {rules::kTicketUnknownCustomer, condition},
      {rules::kTicketArchivedCustomer, condition},
      {rules::kTicketArchivedContact, condition},
      {rules::kTicketInactiveAssignee, condition},
  };
  return kRules;
}

}  // namespace factum::crm
