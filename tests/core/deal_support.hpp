// What tests of deals start from: a pipeline, customers, users, products and an open deal.
#pragma once

#include "core/crm/deal.hpp"
#include "core/crm/product.hpp"
#include "tests/support/spec.hpp"

namespace factum::crm {

inline const auto kPipeline = test::id_of<PipelineId>(1);
inline const auto kDeal = test::id_of<DealId>(2);
inline const auto kNewDeal = test::id_of<DealId>(3);
inline const auto kFirm = test::id_of<CustomerId>(4);
inline const auto kOldFirm = test::id_of<CustomerId>(5);
inline const auto kNobody = test::id_of<CustomerId>(6);
inline const auto kSeller = test::id_of<UserId>(7);
inline const auto kLeaver = test::id_of<UserId>(8);
inline const auto kStranger = test::id_of<UserId>(9);
inline const auto kAxe = test::id_of<ProductId>(10);
inline const auto kOldAxe = test::id_of<ProductId>(11);
inline const auto kNoProduct = test::id_of<ProductId>(12);

inline Money euros(std::int64_t amount) { return {amount * 100, "EUR"}; }

inline std::vector<Stage> sales_stages() {
  return {{"lead", "Lead", StageCategory::open, 10},
          {"talk", "Talking", StageCategory::open, 40},
          {"won", "Won", StageCategory::won, 100},
          {"lost", "Lost", StageCategory::lost, 0}};
}

/// Customers, users and products: one of each is in use, one is not.
inline void given_references(test::Spec& spec) {
  CustomerRegistered customer;
  customer.customer = kFirm;
  customer.name = std::string("Firm");
  spec.given(customer);
  customer.customer = kOldFirm;
  spec.given(customer, CustomerArchived{kOldFirm, {}});
  UserAdded user;
  user.user = kSeller;
  user.name = std::string("Sue");
  spec.given(user);
  user.user = kLeaver;
  spec.given(user, UserDeactivated{kLeaver});
  spec.given(ProductCreated{kAxe, "A1", "Axe", {}, {}, {}},
             ProductCreated{kOldAxe, "A0", "Old axe", {}, {}, {}}, ProductDiscontinued{kOldAxe});
}

/// `kDeal` of `kFirm` over 100 euros in stage "lead".
inline DealOpened deal_opened() {
  DealOpened event;
  event.deal = kDeal;
  event.pipeline = kPipeline;
  event.customer = kFirm;
  event.stage = "lead";
  event.amount = euros(100);
  event.owner = kSeller;
  return event;
}

inline void given_deal(test::Spec& spec) {
  given_references(spec);
  spec.given(PipelineDefined{kPipeline, "Sales", sales_stages(), {}}, deal_opened());
}

inline DealWon deal_won(std::optional<Money> amount) {
  return {kDeal, kFirm, kPipeline, "lead", std::move(amount)};
}

inline DealLost deal_lost(std::string reason) {
  return {kDeal, kFirm, kPipeline, "lead", std::move(reason), {}};
}

}  // namespace factum::crm
