"""A tiny company in the shape of the AdventureWorks files, to import and to break."""

import gzip
from pathlib import Path

FILES: dict[str, str] = {
    "SalesTerritory": """\
TerritoryID,Name,CountryRegionCode,Group,SalesYTD
1,Northwest,US,North America,0.0
8,Germany,DE,Europe,0.0
""",
    "CountryRegion": """\
CountryRegionCode,Name
US,United States
DE,Germany
""",
    "StateProvince": """\
StateProvinceID,StateProvinceCode,CountryRegionCode,IsOnlyStateProvinceFlag,Name,TerritoryID
79,WA ,US,0,Washington,1
20,HH ,DE,0,Hamburg,8
""",
    "Address": """\
AddressID,AddressLine1,AddressLine2,City,StateProvinceID,PostalCode
1,1970 Napa Ct.,,Bothell,79,98011
2,Elbchaussee 3,Hof,Hamburg,20,22765
""",
    "BusinessEntityAddress": """\
BusinessEntityID,AddressID,AddressTypeID
20,1,2
292,2,3
""",
    "Person": """\
BusinessEntityID,PersonType,Title,FirstName,MiddleName,LastName,Suffix,EmailPromotion
1,EM,,José,J,Sánchez,,0
2,SP,,Linda,,Mitchell,,0
20,IN,,Jon,V,Yang,,0
30,SC,,Gustavo,,Achong,,0
""",
    "EmailAddress": """\
BusinessEntityID,EmailAddressID,EmailAddress
1,1,jose0@adventure-works.com
20,2,jon24@adventure-works.com
30,3,gustavo0@adventure-works.com
""",
    "PersonPhone": """\
BusinessEntityID,PhoneNumber,PhoneNumberTypeID
20,1 (11) 500 555-0162,1
""",
    "Store": """\
BusinessEntityID,Name,SalesPersonID,AnnualSales
292,"Next-Door ""Bike"" Store, Inc.",2,800000
""",
    "Customer": """\
CustomerID,PersonID,StoreID,TerritoryID,AccountNumber
1,,292,8,AW00000001
11000,20,,1,AW00011000
29825,30,292,8,AW00029825
""",
    "SalesPerson": """\
BusinessEntityID,TerritoryID,SalesQuota
2,8,
""",
    "Department": """\
DepartmentID,Name,GroupName
3,Sales,Sales and Marketing
16,Executive,Executive
""",
    "Employee": """\
BusinessEntityID,NationalIDNumber,LoginID,JobTitle,HireDate
1,295847284,adventure-works\\josé0,Chief Executive Officer,2009-01-14
2,295847285,adventure-works\\linda3,Sales Representative,2011-05-31
""",
    "EmployeeDepartmentHistory": """\
BusinessEntityID,DepartmentID,ShiftID,StartDate,EndDate
1,3,1,2009-01-14,2010-01-01
1,16,1,2010-01-02,
2,3,1,2011-05-31,
""",
    "Vendor": """\
BusinessEntityID,AccountNumber,Name,CreditRating,PreferredVendorStatus,ActiveFlag,PurchasingWebServiceURL
1580,LITWARE0001,"Litware, Inc.",1,1,1,
""",
    "ProductVendor": """\
ProductID,BusinessEntityID,AverageLeadTime,StandardPrice,MinOrderQty,UnitMeasureCode
1,1580,17,47.8700,3,CTN
""",
    "UnitMeasure": """\
UnitMeasureCode,Name
EA ,Each
KG ,Kilogram
""",
    "ProductCategory": """\
ProductCategoryID,Name
1,Bikes
""",
    "ProductSubcategory": """\
ProductSubcategoryID,ProductCategoryID,Name
2,1,Road Bikes
""",
    "Product": """\
ProductID,Name,ProductNumber,SafetyStockLevel,ReorderPoint,StandardCost,ListPrice,ProductSubcategoryID,SellStartDate,DiscontinuedDate
1,Adjustable Race,AR-5381,1000,750,0.0000,0.0000,,2008-04-30,
749,"Road-150 Red, 62",BK-R93R-62,100,75,2171.2942,3578.2700,2,2011-05-31,
750,"Road-150 Red, 44",BK-R93R-44,100,75,10.3333,20.5000,2,2011-05-31,
""",
    "ProductCostHistory": """\
ProductID,StartDate,EndDate,StandardCost
749,2011-05-31,2012-05-29,2000.5000
749,2012-05-30,,2171.2942
""",
    "ProductListPriceHistory": """\
ProductID,StartDate,EndDate,ListPrice
749,2011-05-31,2012-05-29,3400.0000
749,2012-05-30,,3578.2700
""",
    "Location": """\
LocationID,Name,CostRate,Availability
1,Tool Crib,0.0000,0.00
7,Finished Goods Storage,0.0000,0.00
50,Subassembly,12.2500,108.00
60,Final Assembly,12.2500,120.00
""",
    "ProductInventory": """\
ProductID,LocationID,Shelf,Bin,Quantity
1,1,A,1,408
749,7,N/A,0,3
750,7,N/A,0,7
750,1,A,2,0
""",
    "BillOfMaterials": """\
BillOfMaterialsID,ProductAssemblyID,ComponentID,StartDate,EndDate,UnitMeasureCode,BOMLevel,PerAssemblyQty
1,749,1,2010-03-04,,EA ,1,2.00
2,,749,2010-03-04,,EA ,0,1.00
3,749,750,2013-09-01,,EA ,1,1.00
4,749,750,2010-03-04,2010-08-31,EA ,1,1.00
""",
    "ScrapReason": """\
ScrapReasonID,Name
7,Handling damage
""",
    "WorkOrderRouting": """\
WorkOrderID,ProductID,OperationSequence,LocationID,ScheduledStartDate,ScheduledEndDate,ActualStartDate,ActualEndDate,ActualResourceHrs,PlannedCost,ActualCost
1,749,7,60,2011-06-03,2011-06-14,2011-06-03,2011-06-08,4.0000,49.0000,49.0000
1,749,6,50,2011-06-03,2011-06-14,2011-06-03,2011-06-08,3.0000,36.7500,36.7500
""",
    "WorkOrder": """\
WorkOrderID,ProductID,OrderQty,StockedQty,ScrappedQty,StartDate,EndDate,DueDate,ScrapReasonID
1,749,4,3,1,2011-06-03,2011-06-07,2011-06-14,7
""",
    "PurchaseOrderHeader": """\
PurchaseOrderID,RevisionNumber,Status,EmployeeID,VendorID,ShipMethodID,OrderDate,ShipDate,SubTotal,TaxAmt,Freight,TotalDue
1,4,4,258,1580,3,2011-04-16,2011-04-25,201.0400,16.0832,5.0260,222.1492
2,4,3,258,1580,3,2011-04-17,,95.7400,0.0000,0.0000,95.7400
""",
    "PurchaseOrderDetail": """\
PurchaseOrderID,PurchaseOrderDetailID,DueDate,OrderQty,ProductID,UnitPrice,LineTotal,ReceivedQty,RejectedQty,StockedQty
1,1,2011-04-30,4,1,50.2600,201.0400,3.00,1.00,2.00
2,2,2011-05-30,2,1,47.8700,95.7400,0.00,0.00,0.00
""",
    "SalesOrderHeader": """\
SalesOrderID,OrderDate,DueDate,ShipDate,Status,OnlineOrderFlag,SalesOrderNumber,PurchaseOrderNumber,CustomerID,SalesPersonID,TerritoryID,SubTotal,TaxAmt,Freight,TotalDue
43659,2011-06-01,2011-06-13,2011-06-08,5,0,SO43659,PO522145787,29825,2,8,6856.4160,548.5133,171.4104,7576.3397
43697,2013-07-01,2013-07-13,,1,1,SO43697,,11000,,1,3578.2700,286.2616,89.4568,3953.9884
""",
    "SalesOrderDetail": """\
SalesOrderID,SalesOrderDetailID,CarrierTrackingNumber,OrderQty,ProductID,SpecialOfferID,UnitPrice,UnitPriceDiscount,LineTotal
43659,1,4911-403C-98,2,749,1,3400.0000,0.0000,6800.000000
43659,2,4911-403C-98,3,750,1,19.2000,0.0205,56.416000
43697,3,,1,749,1,3578.2700,0.0000,3578.270000
""",
}


def write_files(folder: Path, *, compressed: frozenset[str] = frozenset(), **other: str) -> Path:
    """Write the files into a folder; some compressed, some with another text."""
    for name, text in {**FILES, **other}.items():
        if name in compressed:
            with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8") as file:
                file.write(text)
        else:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def broken(name: str, old: str, new: str) -> dict[str, str]:
    """Return a file with one place of it changed."""
    assert FILES[name].count(old) == 1, f"{old} stands once in {name}"
    return {name: FILES[name].replace(old, new)}
