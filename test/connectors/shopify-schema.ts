import { buildSchema } from 'graphql';

/**
 * What of the Admin API 2026-10 the tests need, with the names, types and nullability of its public reference: https://shopify.dev/docs/api/admin-graphql/latest. Written from that
 * reference, and not from the connector: a document that asks for something else is refused here, too.
 */
export const SHOPIFY = buildSchema(`
  schema { query: QueryRoot mutation: Mutation }
  scalar DateTime
  scalar HTML
  scalar UnsignedInt64
  scalar Decimal
  enum ProductStatus { ACTIVE ARCHIVED DRAFT UNLISTED }
  enum CustomerState { DECLINED DISABLED ENABLED INVITED }
  enum ProductSortKeys { CREATED_AT ID INVENTORY_TOTAL PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE UPDATED_AT VENDOR }
  enum CustomerSortKeys { CREATED_AT ID LOCATION NAME RELEVANCE UPDATED_AT }
  enum OrderSortKeys { CREATED_AT ID PROCESSED_AT UPDATED_AT }
  enum CurrencyCode { EUR USD }
  enum OrderDisplayFinancialStatus { PAID PENDING }
  enum OrderDisplayFulfillmentStatus { FULFILLED UNFULFILLED }

  type PageInfo { hasNextPage: Boolean!, hasPreviousPage: Boolean!, endCursor: String, startCursor: String }
  type Product {
    id: ID!, title: String!, handle: String!, descriptionHtml: HTML!, vendor: String!, productType: String!, status: ProductStatus!, tags: [String!]!, templateSuffix: String,
    totalInventory: Int!, createdAt: DateTime!, updatedAt: DateTime!, publishedAt: DateTime
  }
  type ProductConnection { nodes: [Product!]!, pageInfo: PageInfo! }
  type CustomerEmailAddress { emailAddress: String! }
  type CustomerPhoneNumber { phoneNumber: String! }
  type Customer {
    id: ID!, firstName: String, lastName: String, displayName: String!, note: String, tags: [String!]!, locale: String!, state: CustomerState!, taxExempt: Boolean!,
    numberOfOrders: UnsignedInt64!, createdAt: DateTime!, updatedAt: DateTime!, defaultEmailAddress: CustomerEmailAddress, defaultPhoneNumber: CustomerPhoneNumber
  }
  type CustomerConnection { nodes: [Customer!]!, pageInfo: PageInfo! }
  type MoneyV2 { amount: Decimal!, currencyCode: CurrencyCode! }
  type MoneyBag { shopMoney: MoneyV2! }
  type LineItem { id: ID!, title: String!, sku: String, quantity: Int! }
  type LineItemConnection { nodes: [LineItem!]!, pageInfo: PageInfo! }
  type Order {
    id: ID!, name: String!, email: String, note: String, tags: [String!]!, currencyCode: CurrencyCode!, displayFinancialStatus: OrderDisplayFinancialStatus,
    displayFulfillmentStatus: OrderDisplayFulfillmentStatus!, createdAt: DateTime!, updatedAt: DateTime!, processedAt: DateTime!, cancelledAt: DateTime,
    totalPriceSet: MoneyBag!, customer: Customer, lineItems(first: Int, after: String): LineItemConnection!
  }
  type OrderConnection { nodes: [Order!]!, pageInfo: PageInfo! }
  type Shop { id: ID!, name: String! }
  type QueryRoot {
    shop: Shop!
    products(first: Int, after: String, query: String, reverse: Boolean = false, sortKey: ProductSortKeys = ID): ProductConnection!
    product(id: ID!): Product
    bulkOperation(id: ID!): BulkOperation
    customers(first: Int, after: String, query: String, reverse: Boolean = false, sortKey: CustomerSortKeys = ID): CustomerConnection!
    customer(id: ID!): Customer
    orders(first: Int, after: String, query: String, reverse: Boolean = false, sortKey: OrderSortKeys = PROCESSED_AT): OrderConnection!
    order(id: ID!): Order
  }

  input UniqueMetafieldValueInput { namespace: String, key: String!, value: String! }
  input ProductSetIdentifiers { customId: UniqueMetafieldValueInput, handle: String, id: ID }
  input ProductSetInput { id: ID, title: String, handle: String, descriptionHtml: String, vendor: String, productType: String, status: ProductStatus, tags: [String!], templateSuffix: String }
  input ProductCreateInput { title: String, handle: String, descriptionHtml: String, vendor: String, productType: String, status: ProductStatus, tags: [String!], templateSuffix: String }
  input ProductUpdateInput { id: ID, title: String, handle: String, descriptionHtml: String, vendor: String, productType: String, status: ProductStatus, tags: [String!], templateSuffix: String }
  input ProductDeleteInput { id: ID! }
  input CustomerSetIdentifiers { customId: UniqueMetafieldValueInput, email: String, id: ID, phone: String }
  input CustomerSetInput { email: String, firstName: String, lastName: String, locale: String, note: String, phone: String, tags: [String!], taxExempt: Boolean }
  input CustomerInput { id: ID, email: String, firstName: String, lastName: String, locale: String, note: String, phone: String, tags: [String!], taxExempt: Boolean }
  input CustomerDeleteInput { id: ID! }
  enum StagedUploadTargetGenerateUploadResource { BULK_MUTATION_VARIABLES }
  enum StagedUploadHttpMethodType { POST PUT }
  enum BulkOperationStatus { CANCELED CANCELING COMPLETED CREATED EXPIRED FAILED RUNNING }
  input StagedUploadInput { filename: String!, fileSize: String, httpMethod: StagedUploadHttpMethodType, mimeType: String!, resource: StagedUploadTargetGenerateUploadResource! }
  type StagedUploadParameter { name: String!, value: String! }
  type StagedMediaUploadTarget { parameters: [StagedUploadParameter!]!, resourceUrl: String, url: String }
  type StagedUploadsCreatePayload { stagedTargets: [StagedMediaUploadTarget!], userErrors: [UserError!]! }
  type BulkOperation { id: ID!, status: BulkOperationStatus!, errorCode: String, objectCount: String!, url: String, partialDataUrl: String }
  type BulkUserError { code: String, field: [String!], message: String! }
  type BulkOperationPayload { bulkOperation: BulkOperation, userErrors: [BulkUserError!]! }
  type UserError { field: [String!], message: String! }
  type ProductSetUserError { code: String, field: [String!], message: String! }
  type CustomerSetUserError { code: String, field: [String!], message: String! }
  type ProductSetPayload { product: Product, userErrors: [ProductSetUserError!]! }
  type ProductCreatePayload { product: Product, userErrors: [UserError!]! }
  type ProductUpdatePayload { product: Product, userErrors: [UserError!]! }
  type ProductDeletePayload { deletedProductId: ID, userErrors: [UserError!]! }
  type CustomerSetPayload { customer: Customer, userErrors: [CustomerSetUserError!]! }
  type CustomerCreatePayload { customer: Customer, userErrors: [UserError!]! }
  type CustomerUpdatePayload { customer: Customer, userErrors: [UserError!]! }
  type CustomerDeletePayload { deletedCustomerId: ID, userErrors: [UserError!]! }
  type Mutation {
    productSet(identifier: ProductSetIdentifiers, input: ProductSetInput!, synchronous: Boolean = true): ProductSetPayload
    productCreate(product: ProductCreateInput): ProductCreatePayload
    productUpdate(product: ProductUpdateInput): ProductUpdatePayload
    productDelete(input: ProductDeleteInput!, synchronous: Boolean = true): ProductDeletePayload
    customerSet(identifier: CustomerSetIdentifiers, input: CustomerSetInput!): CustomerSetPayload
    customerCreate(input: CustomerInput!): CustomerCreatePayload
    customerUpdate(input: CustomerInput!): CustomerUpdatePayload
    stagedUploadsCreate(input: [StagedUploadInput!]!): StagedUploadsCreatePayload
    bulkOperationRunMutation(mutation: String!, stagedUploadPath: String!, clientIdentifier: String): BulkOperationPayload
    bulkOperationRunQuery(query: String!, groupObjects: Boolean! = false): BulkOperationPayload
    customerDelete(input: CustomerDeleteInput!): CustomerDeletePayload
  }
`);
