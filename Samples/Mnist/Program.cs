using PruneGen.Samples.Mnist;

using MnistData data = await MnistData.LoadAsync(log: Console.WriteLine);
Console.WriteLine($"{data.TrainImages.shape[0]} training images, {data.TestImages.shape[0]} test images");
