// The part of purchase_history that sums up revenue by month, country and currency.
#pragma once

#include "core/crm/order_events.hpp"
#include "core/es/projection.hpp"

namespace factum::projections::revenue_rows {

// Tables: 'o' order; 'f' order: what is booked in its country; 'g' goods that came back; 'r'
// month, or the undated cell: sums by country and currency.
inline constexpr std::string_view kTables = "ofgr";

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at);
void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& at);
/// A correction that says when the order was placed.
void redated(ViewBatch& rows, const crm::OrderDetailsCorrected& e);
void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& at);
void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& at);
void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& at);
void return_details_corrected(ViewBatch& rows, const crm::ReturnDetailsCorrected& e);
void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& at);

}  // namespace factum::projections::revenue_rows
